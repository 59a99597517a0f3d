//! Where the API gets boot artefacts from: a socket into which the binary plugs the boot service.

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use std::ops::Range;

/// Gives out boot artefacts. Whoever knows a path with a token in it is the node's BMC or firmware.
#[async_trait]
pub trait BootSource: Send + Sync + std::fmt::Debug {
    /// Opens the file behind a path; with `head` only its description is wanted.
    async fn open(&self, path: &str, head: bool) -> Result<BootAnswer, BootError>;

    /// Takes what an installer logs.
    ///
    /// **Errors**: `NotFound` where no installation is under way.
    async fn take_log(&self, path: &str, lines: &str) -> Result<(), BootError>;
}

/// The bytes of a range.
pub type BootStream = BoxStream<'static, Result<Bytes, BootError>>;

/// An opened artefact.
pub struct BootAnswer {
    /// Size of the whole file.
    pub total_bytes: u64,
    /// Media type.
    pub content_type: String,
    /// Entity tag with its quotes, where there is one.
    pub etag: Option<String>,
    /// Reads a range, which lies within the file.
    pub read: Box<dyn FnOnce(Range<u64>) -> BootStream + Send>,
}

/// Why an artefact is not given out.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    /// There is no such task or no such file.
    #[error("there is no such boot artefact")]
    NotFound,
    /// What the artefact is made of cannot be had now.
    #[error("the source of the boot artefact failed: {0}")]
    Upstream(String),
}

/// A source without any artefacts.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoBootSource;

#[async_trait]
impl BootSource for NoBootSource {
    async fn open(&self, _: &str, _: bool) -> Result<BootAnswer, BootError> {
        Err(BootError::NotFound)
    }

    async fn take_log(&self, _: &str, _: &str) -> Result<(), BootError> {
        Err(BootError::NotFound)
    }
}

impl BootError {
    /// The label for metrics.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Upstream(_) => "upstream",
        }
    }

    /// Whether the same request may succeed later.
    pub const fn retryable(&self) -> bool {
        matches!(self, Self::Upstream(_))
    }
}

impl std::fmt::Debug for BootAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BootAnswer")
            .field("total_bytes", &self.total_bytes)
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}
