//! The one error of this crate.

use std::io;

/// Result of this crate.
pub type Result<T> = std::result::Result<T, ArtifactError>;

/// Why an artifact cannot be described or served; variants are named for what the caller can do about it.
///
/// Locations in these errors are already stripped of credentials and query strings.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArtifactError {
    /// The caller's input is wrong: correct it and ask again.
    #[error("invalid {what}: {reason}")]
    Invalid {
        /// The input, in the words of the API (`image_checksum`, `kernel_append_params`, …).
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The input is legal but this build does not serve it: choose another kind.
    #[error("unsupported {what} {value}; supported: {supported}")]
    Unsupported {
        /// The input, in the words of the API.
        what: &'static str,
        /// The kind that was asked for.
        value: String,
        /// The kinds that would be served.
        supported: &'static str,
    },
    /// Nothing is at the location: correct the reference or publish the file.
    #[error("{location} was not found")]
    NotFound {
        /// Where it was looked for.
        location: String,
    },
    /// The location exists but must not, or may not, be read: grant access or use another location.
    #[error("{location} may not be read: {reason}")]
    Denied {
        /// The location.
        location: String,
        /// Which rule or answer forbids it.
        reason: String,
    },
    /// The origin could not be reached or failed: try again later.
    #[error("{location} cannot be reached: {reason}")]
    Unreachable {
        /// The location.
        location: String,
        /// What happened.
        reason: String,
        /// The transport's error, if there is one.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// The origin was too slow: try again later.
    #[error("{location} did not answer within {deadline_secs} s")]
    Deadline {
        /// The location.
        location: String,
        /// The deadline that passed.
        deadline_secs: u64,
    },
    /// Too many reads of this origin are under way: try again later.
    #[error("too many reads of {location} are under way")]
    Busy {
        /// The location.
        location: String,
    },
    /// The source is no longer what the plan was made from: plan again.
    #[error("{location} changed while it was being served: {reason}")]
    Changed {
        /// The location.
        location: String,
        /// What differs.
        reason: String,
    },
    /// The origin answered something this crate cannot work with: fix the origin.
    #[error("{location} gave an unusable answer: {reason}")]
    BadAnswer {
        /// The location.
        location: String,
        /// What is missing or wrong.
        reason: String,
    },
    /// The input or result exceeds a limit: make it smaller.
    #[error("{what} is larger than the limit of {limit_bytes} bytes")]
    TooLarge {
        /// What is too large.
        what: String,
        /// The limit.
        limit_bytes: u64,
    },
    /// A local file could not be read: look at the disk.
    #[error("cannot read {location}")]
    Io {
        /// The location.
        location: String,
        /// The system's error.
        #[source]
        source: io::Error,
    },
    /// The artifact could not be assembled in memory: report this as a defect.
    #[error("cannot assemble the {what}")]
    Assemble {
        /// The artifact.
        what: &'static str,
        /// The cause.
        #[source]
        source: io::Error,
    },
}

impl ArtifactError {
    /// Metric label of the variant.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "invalid",
            Self::Unsupported { .. } => "unsupported",
            Self::NotFound { .. } => "not_found",
            Self::Denied { .. } => "denied",
            Self::Unreachable { .. } => "unreachable",
            Self::Deadline { .. } => "deadline",
            Self::Busy { .. } => "busy",
            Self::Changed { .. } => "changed",
            Self::BadAnswer { .. } => "bad_answer",
            Self::TooLarge { .. } => "too_large",
            Self::Io { .. } => "io",
            Self::Assemble { .. } => "assemble",
        }
    }

    /// Whether the same request can succeed later without anyone changing anything.
    pub fn retryable(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. } | Self::Deadline { .. } | Self::Busy { .. } | Self::Changed { .. }
        )
    }

    /// Where the trouble lies, if it lies somewhere.
    pub fn location(&self) -> Option<&str> {
        match self {
            Self::NotFound { location }
            | Self::Denied { location, .. }
            | Self::Unreachable { location, .. }
            | Self::Deadline { location, .. }
            | Self::Busy { location }
            | Self::Changed { location, .. }
            | Self::BadAnswer { location, .. }
            | Self::Io { location, .. } => Some(location),
            Self::Invalid { .. }
            | Self::Unsupported { .. }
            | Self::TooLarge { .. }
            | Self::Assemble { .. } => None,
        }
    }

    pub(crate) fn invalid(what: &'static str, reason: impl Into<String>) -> Self {
        Self::Invalid { what, reason: reason.into() }
    }
}
