//! Links to resources.

use super::json::{Written, put, put_list};
use serde::Serialize;

/// A link.
#[derive(Debug, Serialize)]
pub(crate) struct Link {
    /// Where it leads.
    pub href: String,
    /// What it is.
    pub rel: &'static str,
    /// Media type of what is found there.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub media_type: Option<&'static str>,
}

impl Link {
    /// A link.
    pub(crate) fn new(rel: &'static str, href: String) -> Self {
        Self { href, rel, media_type: None }
    }
}

/// The URL of a resource; `path` without a slash in front.
pub(crate) fn url(base: &str, path: &str) -> String {
    format!("{base}/v1/{path}")
}

/// The two links that every resource has.
pub(crate) fn pair(base: &str, path: &str) -> [Link; 2] {
    [Link::new("self", url(base, path)), Link::new("bookmark", format!("{base}/{path}"))]
}

/// Writes the two links.
pub(crate) fn put_pair(out: &mut Vec<u8>, base: &str, path: &str) -> Written {
    put_list(out, pair(base, path), |out, link| put(out, &link))
}
