//! The one error of this crate.

use ferric_artifacts::ArtifactError;
use ferric_installer::InstallerError;

/// Result of this crate.
pub type Result<T> = std::result::Result<T, BootServiceError>;

/// Why a file is not given out.
#[derive(Debug, thiserror::Error)]
pub enum BootServiceError {
    /// There is no such attempt to boot, or no such file.
    #[error("there is no such boot artefact")]
    NotFound,
    /// What the file is made of cannot be had, or does not fit together.
    #[error("{part}: {source}")]
    Source {
        /// What of it.
        part: &'static str,
        /// Why.
        #[source]
        source: ArtifactError,
    },
    /// The answer file of an installer cannot be made.
    #[error("the answer file: {0}")]
    Answers(#[from] InstallerError),
    /// The control plane cannot be asked now.
    #[error("the control plane cannot be asked what the node may boot: {0}")]
    Tickets(String),
}

impl BootServiceError {
    /// The label for metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Source { .. } => "source",
            Self::Answers(error) => error.kind(),
            Self::Tickets(_) => "tickets",
        }
    }

    /// Whether the same request may succeed later.
    pub fn retryable(&self) -> bool {
        match self {
            Self::NotFound => false,
            Self::Source { source, .. } => source.retryable(),
            Self::Answers(error) => error.retryable(),
            Self::Tickets(_) => true,
        }
    }
}
