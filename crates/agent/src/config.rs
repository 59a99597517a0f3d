//! Settings of the work with agents.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How agents are spoken to and how long they are waited for.
///
/// Source of the defaults: `contract: agent-protocol` section 5, `contract: config-defaults`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AgentConfig {
    /// Deadline of one request, from the connection to the last byte of the answer, in seconds.
    pub call_timeout_secs: u64,
    /// Deadline of a connection, in seconds.
    pub connect_timeout_secs: u64,
    /// Tries of one call when the connection fails (at least 1).
    pub attempts: u32,
    /// First pause between two tries, in milliseconds; doubles with each failure, with full jitter.
    pub retry_pause_ms: u64,
    /// Calls to agents that may be under way at once in one process.
    pub concurrent_calls: usize,
    /// Longest answer that is read, in bytes. Older agents repeat a command's parameters, configdrive included.
    pub answer_limit_bytes: usize,
    /// How often an agent is asked for the end of a command that outlasts its own call.
    pub command_wait_attempts: u32,
    /// Pause before each of these questions, in milliseconds.
    pub command_wait_ms: u64,
    /// How often the BMC is asked whether the node switched itself off.
    pub power_off_attempts: u32,
    /// Pause before each of these questions, in milliseconds.
    pub power_off_pause_ms: u64,
    /// How long the BMC gets to reach a power state, in seconds.
    pub power_timeout_secs: u64,
    /// Whether the image is asked for before the ramdisk is booted, so that a wrong URL fails at once.
    pub check_image: bool,
    /// Deadline of that question, in seconds.
    pub check_image_timeout_secs: u64,
    /// Whether images may be verified by MD5.
    pub allow_md5_checksum: bool,
    /// Whether raw images go straight to disk instead of through the ramdisk's memory.
    pub stream_raw_images: bool,
    /// Priority of the agent's clean step `deploy.erase_devices` instead of the agent's own.
    pub erase_devices_priority: Option<i64>,
    /// Priority of the agent's clean step `deploy.erase_devices_metadata` instead of the agent's own.
    pub erase_devices_metadata_priority: Option<i64>,
}

impl Default for AgentConfig {
    fn default() -> Self {
        Self {
            call_timeout_secs: 60,
            connect_timeout_secs: 10,
            attempts: 3,
            retry_pause_ms: 1_000,
            concurrent_calls: 256,
            answer_limit_bytes: 128 * 1024 * 1024,
            command_wait_attempts: 100,
            command_wait_ms: 6_000,
            power_off_attempts: 6,
            power_off_pause_ms: 5_000,
            power_timeout_secs: 120,
            check_image: true,
            check_image_timeout_secs: 60,
            allow_md5_checksum: true,
            stream_raw_images: true,
            erase_devices_priority: None,
            erase_devices_metadata_priority: None,
        }
    }
}

impl AgentConfig {
    pub(crate) fn call_timeout(&self) -> Duration {
        Duration::from_secs(self.call_timeout_secs)
    }

    pub(crate) fn power_timeout(&self) -> Duration {
        Duration::from_secs(self.power_timeout_secs)
    }

    pub(crate) fn power_off_pause(&self) -> Duration {
        Duration::from_millis(self.power_off_pause_ms)
    }

    /// The pause after failure number `failure` (0 is the first), fully jittered.
    pub(crate) fn retry_pause(&self, failure: u32) -> Duration {
        let ceiling = self.retry_pause_ms.saturating_mul(1 << failure.min(10));
        Duration::from_millis(rand::random_range(0..=ceiling))
    }
}
