//! Where the API gets boot artefacts from: a socket into which the binary plugs what can compute them.

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use std::ops::Range;

/// Gives out boot artefacts. A token names one task of one node; whoever knows it is the node's BMC or firmware.
#[async_trait]
pub trait BootSource: Send + Sync + std::fmt::Debug {
    /// Opens a file, or a part of it; `range` may end beyond the end of the file.
    async fn open(&self, token: &str, file: &str, range: Option<Range<u64>>)
    -> Result<BootAnswer, BootError>;
}

/// An opened artefact.
pub struct BootAnswer {
    /// Size of the whole file.
    pub total_bytes: u64,
    /// Media type.
    pub content_type: String,
    /// The bytes asked for.
    pub stream: BoxStream<'static, Result<Bytes, BootError>>,
}

/// Why an artefact is not given out.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    /// There is no such task or no such file.
    #[error("there is no such boot artefact")]
    NotFound,
    /// The range begins beyond the end of the file.
    #[error("the file has only {total_bytes} bytes")]
    Range {
        /// Size of the file.
        total_bytes: u64,
    },
    /// What the artefact is made of cannot be had now.
    #[error("the source of the boot artefact failed: {0}")]
    Upstream(String),
}

/// A source without any artefacts.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoBootSource;

#[async_trait]
impl BootSource for NoBootSource {
    async fn open(&self, _: &str, _: &str, _: Option<Range<u64>>) -> Result<BootAnswer, BootError> {
        Err(BootError::NotFound)
    }
}

impl BootError {
    /// The label for metrics.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Range { .. } => "range",
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
