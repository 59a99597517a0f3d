//! Why the simulator could not do what its owner asked.

use std::time::Duration;

/// Errors of the library's own calls (what a BMC client sees are Redfish error bodies instead).
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// The listener could not be bound.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The HTTP client, the runtime or the web server could not be started.
    #[error("cannot start the simulator: {what}")]
    Start {
        /// Which part failed.
        what: String,
    },
    /// The settings contradict themselves.
    #[error("invalid setting: {what}")]
    Config {
        /// Which setting, and why.
        what: String,
    },
    /// There is no such server.
    #[error("no simulated server {which}")]
    NoSuchServer {
        /// The index or id asked for.
        which: String,
    },
    /// A fault description could not be understood.
    #[error("invalid fault: {what}")]
    Fault {
        /// What is wrong with it.
        what: String,
    },
    /// A condition did not come true in time.
    #[error("the condition did not hold within {waited:?}")]
    Deadline {
        /// How long was waited.
        waited: Duration,
    },
}

impl SimError {
    /// A stable label of the variant.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Listen { .. } => "listen",
            Self::Start { .. } => "start",
            Self::Config { .. } => "config",
            Self::NoSuchServer { .. } => "no_such_server",
            Self::Fault { .. } => "fault",
            Self::Deadline { .. } => "deadline",
        }
    }

    /// Whether the same call may succeed later.
    pub fn retryable(&self) -> bool {
        matches!(self, Self::Listen { .. } | Self::Deadline { .. })
    }
}
