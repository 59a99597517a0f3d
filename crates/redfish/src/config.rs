//! Settings of the conversation with BMCs.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Deadlines, retries and budgets of everything that is sent to a BMC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RedfishConfig {
    /// Deadline of a TCP and TLS connection, in milliseconds.
    pub connect_timeout_ms: u64,
    /// Deadline of one request with its whole answer, in milliseconds.
    pub answer_timeout_ms: u64,
    /// Tries of a read, and of a change that surely did not reach the BMC (at least 1).
    pub attempts: u32,
    /// First back-off, in milliseconds; doubles with each failure, with full jitter.
    pub backoff_base_ms: u64,
    /// Longest back-off, in milliseconds.
    pub backoff_cap_ms: u64,
    /// Requests under way at one BMC.
    pub requests_per_bmc: usize,
    /// How many BMCs are kept with their session and open connections.
    pub cached_bmcs: usize,
    /// First pause between two looks at something that is to change, in milliseconds; grows with every look.
    pub poll_first_ms: u64,
    /// Longest pause between two looks, in milliseconds.
    pub poll_longest_ms: u64,
    /// Deadline of a task that a BMC started for a change other than power, in milliseconds.
    pub task_timeout_ms: u64,
    /// Deadline for virtual media to appear or to disappear, in milliseconds.
    pub media_timeout_ms: u64,
    /// How long a restart is believed to take at a BMC that shows no sign of it, in milliseconds.
    pub restart_settle_ms: u64,
    /// What nodes with the boot interface `redfish-https` fetch: `boot.iso`, or `boot.efi`, which needs a stub in the section
    /// `boot`.
    pub http_boot_file: String,
}

impl Default for RedfishConfig {
    fn default() -> Self {
        Self {
            connect_timeout_ms: 10_000,
            answer_timeout_ms: 30_000,
            attempts: 5,
            backoff_base_ms: 500,
            backoff_cap_ms: 8_000,
            requests_per_bmc: 4,
            cached_bmcs: 1_000,
            poll_first_ms: 500,
            poll_longest_ms: 10_000,
            task_timeout_ms: 120_000,
            media_timeout_ms: 60_000,
            restart_settle_ms: 15_000,
            http_boot_file: "boot.iso".to_owned(),
        }
    }
}

impl RedfishConfig {
    pub(crate) fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms)
    }

    pub(crate) fn answer_timeout(&self) -> Duration {
        Duration::from_millis(self.answer_timeout_ms)
    }

    pub(crate) fn task_timeout(&self) -> Duration {
        Duration::from_millis(self.task_timeout_ms)
    }

    pub(crate) fn media_timeout(&self) -> Duration {
        Duration::from_millis(self.media_timeout_ms)
    }

    pub(crate) fn restart_settle(&self) -> Duration {
        Duration::from_millis(self.restart_settle_ms)
    }
}
