//! Why the conductor could not do something of its own; what hardware says is a `HardwareError`.

use ferric_bus::BusError;

/// What went wrong, by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum ConductorError {
    /// The configuration must be corrected.
    #[error("{key} is not usable: {reason}")]
    Config {
        /// The setting, as an operator writes it.
        key: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The control plane cannot be reached now; it may be later.
    #[error("grpc.endpoints: the control plane at {endpoint} cannot be reached: {reason}")]
    Unreachable {
        /// The endpoint that was tried.
        endpoint: String,
        /// What the attempt led to.
        reason: String,
    },
    /// The control plane does not accept the call: token, version or contents.
    #[error("the control plane at {endpoint} refuses: {reason}")]
    Refused {
        /// The endpoint that was tried.
        endpoint: String,
        /// What it said.
        reason: String,
    },
    /// The control plane answered something that makes no sense.
    #[error("the control plane answered nonsense: {0}")]
    Nonsense(String),
    /// The bus failed.
    #[error(transparent)]
    Bus(#[from] BusError),
}

impl ConductorError {
    /// Label for metrics.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Config { .. } => "config",
            Self::Unreachable { .. } => "unreachable",
            Self::Refused { .. } => "refused",
            Self::Nonsense(_) => "nonsense",
            Self::Bus(_) => "bus",
        }
    }

    /// Whether the same call may well succeed a little later.
    pub const fn retryable(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Bus(error) => error.retryable(),
            Self::Config { .. } | Self::Refused { .. } | Self::Nonsense(_) => false,
        }
    }
}
