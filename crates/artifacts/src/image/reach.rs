//! Whether an image can be fetched, asked before a deploy begins.

use std::time::Duration;

use url::Url;

use crate::source::{Sources, location_of, refusal};
use crate::{ArtifactError, Result};

/// An image that answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReachableImage {
    /// Where redirects led; what the agent should fetch.
    pub url: Url,
    /// Its length, if the origin tells.
    pub size_bytes: Option<u64>,
}

/// Asks for the head of an image; retries and redirects together stay within `deadline`.
///
/// Errors: `NotFound`, `Denied`, `Unreachable`, `Deadline` or `BadAnswer` unless the final answer is 200, or 403 for a
/// URL that names a directory (origins hide listings).
pub async fn check_reachable(sources: &Sources, url: &Url, deadline: Duration) -> Result<ReachableImage> {
    let Ok(head) = tokio::time::timeout(deadline, sources.head(url)).await else {
        return Err(ArtifactError::Deadline {
            location: location_of(url),
            deadline_secs: deadline.as_secs(),
        });
    };
    let head = head?;
    let hidden_listing = head.status.as_u16() == 403 && url.path().ends_with('/');
    if head.status.as_u16() == 200 || hidden_listing {
        Ok(ReachableImage { url: head.url, size_bytes: head.size_bytes })
    } else {
        Err(refusal(url, head.status))
    }
}
