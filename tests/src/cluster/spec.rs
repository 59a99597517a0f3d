//! What a test asks for.

use std::fmt;

/// How Ferric is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One process, SQLite, the bus inside.
    AllInOne,
    /// Processes of their own on PostgreSQL and RabbitMQ.
    Split {
        /// How many API processes.
        apis: usize,
        /// How many conductors.
        conductors: usize,
    },
}

/// What a cluster is started with.
#[derive(Debug, Clone)]
pub struct ClusterSpec {
    /// How Ferric is run.
    pub kind: Kind,
    /// Whether links to database and broker can be cut.
    pub(super) links: bool,
    settings: Vec<(String, String)>,
}

/// Settings of every cluster: what takes its time in a data center takes seconds here. The power state of nodes is not
/// read in the background, so that only what a test does happens; and a BMC gets many requests at once, because all
/// simulated BMCs share one address. Inspection keeps everything it finds.
const QUICK: [(&str, &str); 21] = [
    ("CONTROL__LEASE_SECS", "6"),
    ("CONTROL__RENEW_SECS", "2"),
    ("CONTROL__SWEEP_INTERVAL_SECS", "1"),
    ("CONTROL__CONDUCTOR_TIMEOUT_SECS", "15"),
    ("CONTROL__POWER_SYNC_INTERVAL_SECS", "0"),
    ("CONTROL__TASK_RETENTION_SECS", "86400"),
    ("CONTROL__INSPECTION__HOOKS", "ramdisk-error,validate-interfaces,ports,architecture,cpus,memory"),
    ("CONTROL__INSPECTION__ADD_PORTS", "all"),
    ("CONDUCTOR__START_JITTER_MS", "100"),
    ("CONDUCTOR__DRAIN_SECS", "20"),
    ("CONDUCTOR__POWER_TIMEOUT_SECS", "20"),
    ("REDFISH__REQUESTS_PER_BMC", "256"),
    ("REDFISH__ATTEMPTS", "3"),
    ("REDFISH__BACKOFF_BASE_MS", "100"),
    ("REDFISH__BACKOFF_CAP_MS", "500"),
    ("REDFISH__POLL_FIRST_MS", "50"),
    ("REDFISH__POLL_LONGEST_MS", "500"),
    ("AGENT__RETRY_PAUSE_MS", "100"),
    ("AGENT__COMMAND_WAIT_MS", "500"),
    ("AGENT__POWER_OFF_PAUSE_MS", "500"),
    ("LOG__FILTER", "info"),
];

impl Kind {
    /// Two API processes and two conductors.
    pub const SPLIT: Self = Self::Split { apis: 2, conductors: 2 };
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AllInOne => f.write_str("all-in-one"),
            Self::Split { apis, conductors } => write!(f, "api×{apis}, conductor×{conductors}"),
        }
    }
}

impl ClusterSpec {
    /// The usual settings.
    pub fn new(kind: Kind) -> Self {
        let settings = QUICK.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Self { kind, links: false, settings }
    }

    /// Lets the links to database and broker be cut.
    #[must_use]
    pub fn behind_links(self) -> Self {
        Self { links: true, ..self }
    }

    /// Sets a key, written without its prefix: `CONTROL__LEASE_SECS`.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl ToString) -> Self {
        self.settings.retain(|(known, _)| known != key);
        self.settings.push((key.to_owned(), value.to_string()));
        self
    }

    pub(super) fn settings(&self) -> &[(String, String)] {
        &self.settings
    }
}
