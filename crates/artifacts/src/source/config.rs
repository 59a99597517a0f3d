//! Settings of reads from kernels, ramdisks and images.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How sources are read: deadlines, retries, budgets and what may be read at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SourceConfig {
    /// Deadline of a TCP and TLS connection, in seconds.
    pub connect_timeout_secs: u64,
    /// Deadline from a request to the head of its answer, in seconds.
    pub answer_timeout_secs: u64,
    /// Longest silence inside a body before the read is resumed elsewhere, in seconds.
    pub idle_timeout_secs: u64,
    /// Tries without noteworthy progress before a read fails (at least 1).
    pub attempts: u32,
    /// First back-off, in milliseconds; doubles with each failure, with full jitter.
    pub backoff_base_ms: u64,
    /// Longest back-off, in milliseconds.
    pub backoff_cap_ms: u64,
    /// Reads under way at one origin (scheme, host, port).
    pub reads_per_origin: usize,
    /// How long lengths and validators are believed, in seconds.
    pub facts_ttl_secs: u64,
    /// How many sources' lengths and validators are kept.
    pub facts_entries: usize,
    /// Folders below which `file://` sources may lie.
    pub file_roots: Vec<PathBuf>,
    /// PEM file with certificate authorities to trust beside the system's.
    pub ca_file: Option<PathBuf>,
    /// Whether certificates of https origins are verified.
    pub verify_tls: bool,
}

impl Default for SourceConfig {
    fn default() -> Self {
        Self {
            connect_timeout_secs: 10,
            answer_timeout_secs: 30,
            idle_timeout_secs: 30,
            attempts: 4,
            backoff_base_ms: 200,
            backoff_cap_ms: 5_000,
            reads_per_origin: 256,
            facts_ttl_secs: 30,
            facts_entries: 256,
            file_roots: vec![PathBuf::from("/var/lib/ferric"), PathBuf::from("/var/lib/ironic")],
            ca_file: None,
            verify_tls: true,
        }
    }
}

impl SourceConfig {
    /// The pause before the retry that follows failure number `failure` (0 is the first), fully jittered.
    pub(crate) fn backoff(&self, failure: u32) -> Duration {
        let grown = self.backoff_base_ms.saturating_mul(1 << failure.min(16));
        let ceiling = grown.min(self.backoff_cap_ms).max(1);
        Duration::from_millis(rand::random_range(0..=ceiling))
    }

    pub(crate) fn answer_timeout(&self) -> Duration {
        Duration::from_secs(self.answer_timeout_secs)
    }

    pub(crate) fn idle_timeout(&self) -> Duration {
        Duration::from_secs(self.idle_timeout_secs)
    }
}
