//! Why the API cannot be served.

/// A failure to begin serving.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The configuration cannot work.
    #[error("{key}: {reason}")]
    Config {
        /// The key that is wrong.
        key: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The listener failed.
    #[error("the server could not serve")]
    Io(#[from] std::io::Error),
    /// The gRPC server failed.
    #[error("the gRPC server could not serve")]
    Grpc(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl ApiError {
    /// The label for metrics.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Config { .. } => "config",
            Self::Io(_) => "io",
            Self::Grpc(_) => "grpc",
        }
    }

    /// Whether trying again may help without anybody changing anything.
    pub const fn retryable(&self) -> bool {
        matches!(self, Self::Io(_) | Self::Grpc(_))
    }
}
