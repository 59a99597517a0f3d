//! Why the bus could not do something.

/// What went wrong, by what the caller can do about it.
///
/// **Invariant**: no text holds a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BusError {
    /// The configuration must be corrected.
    #[error("{key} is not usable: {reason}")]
    Config {
        /// The setting, as an operator writes it.
        key: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The broker cannot be reached now; it may be later.
    #[error("bus.url: the broker at {broker} cannot be reached: {reason}")]
    Unreachable {
        /// Scheme, host and port.
        broker: String,
        /// What the attempt led to.
        reason: String,
    },
    /// The broker refuses: credentials, permissions, or a queue that exists with other settings.
    #[error("bus.url: the broker at {broker} refuses: {reason}")]
    Refused {
        /// Scheme, host and port.
        broker: String,
        /// What it said.
        reason: String,
    },
    /// The broker failed, as it does for a queue that it cannot serve.
    #[error("bus.url: the broker at {broker} reports an internal error")]
    Broken {
        /// Scheme, host and port.
        broker: String,
    },
    /// The queue is full.
    #[error("the queue '{queue}' takes no more messages")]
    Full {
        /// The queue.
        queue: String,
    },
    /// The queue is not full and yet takes nothing. It is made anew if that lasts.
    #[error("the broker does not serve the queue '{queue}'")]
    Unserved {
        /// The queue.
        queue: String,
    },
    /// The broker did not confirm in time; the message may arrive nevertheless.
    #[error("the broker did not confirm within {deadline_ms} ms")]
    Timeout {
        /// How long was waited.
        deadline_ms: u64,
    },
    /// The bus was closed.
    #[error("the bus is closed")]
    Closed,
    /// The message is no envelope.
    #[error("the message is no envelope: {reason}")]
    Undecodable {
        /// What is wrong with it.
        reason: String,
    },
    /// The message was written by a newer version.
    #[error("the message has version {version}, this build understands versions up to {newest}")]
    UnknownVersion {
        /// Its version.
        version: u32,
        /// The newest one that is understood.
        newest: u32,
    },
}

impl BusError {
    /// Label for metrics.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Config { .. } => "config",
            Self::Unreachable { .. } => "unreachable",
            Self::Refused { .. } => "refused",
            Self::Broken { .. } => "broken",
            Self::Full { .. } => "full",
            Self::Unserved { .. } => "unserved",
            Self::Timeout { .. } => "timeout",
            Self::Closed => "closed",
            Self::Undecodable { .. } => "undecodable",
            Self::UnknownVersion { .. } => "unknown_version",
        }
    }

    /// Whether the same call may well succeed a little later.
    pub const fn retryable(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::Broken { .. }
            | Self::Full { .. }
            | Self::Unserved { .. }
            | Self::Timeout { .. } => true,
            Self::Config { .. }
            | Self::Refused { .. }
            | Self::Closed
            | Self::Undecodable { .. }
            | Self::UnknownVersion { .. } => false,
        }
    }
}
