//! Settings of the conversation with BMCs.

use serde::Deserialize;
use std::time::Duration;

/// How `ipmitool` is used.
///
/// Source of the defaults: `contract: hardware-interfaces` section 6.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IpmiConfig {
    /// The program: a path, or a name that is looked for as the shell does.
    pub program: String,
    /// How long `ipmitool` waits for one answer of a BMC before it asks once more, in seconds.
    pub answer_timeout_secs: u32,
    /// Deadline of one run of `ipmitool`, in milliseconds; then it is killed.
    pub command_timeout_ms: u64,
    /// How long a command is tried again that the BMC did not hear or was too busy for, in milliseconds.
    pub retry_timeout_ms: u64,
    /// Shortest time between two commands for the same BMC, in milliseconds.
    pub min_command_interval_ms: u64,
    /// Pause between two looks at a power state that is to change, in milliseconds.
    pub poll_ms: u64,
    /// How long a reset is believed to take, in milliseconds: IPMI shows no sign of it.
    pub reset_settle_ms: u64,
    /// How many `ipmitool` processes may run at once.
    pub concurrent_commands: usize,
    /// Whether BMCs are told to keep a boot device that is not used within a minute, where a node does not decide itself.
    pub disable_boot_timeout: bool,
}

impl Default for IpmiConfig {
    fn default() -> Self {
        Self {
            program: "ipmitool".to_owned(),
            answer_timeout_secs: 5,
            command_timeout_ms: 40_000,
            retry_timeout_ms: 60_000,
            min_command_interval_ms: 5_000,
            poll_ms: 2_000,
            reset_settle_ms: 15_000,
            concurrent_commands: 64,
            disable_boot_timeout: true,
        }
    }
}

impl IpmiConfig {
    /// Deadline of one run.
    pub(crate) fn command_timeout(&self) -> Duration {
        Duration::from_millis(self.command_timeout_ms)
    }

    /// How long a command is tried again.
    pub(crate) fn retry_timeout(&self) -> Duration {
        Duration::from_millis(self.retry_timeout_ms)
    }

    /// Shortest time between two commands for the same BMC.
    pub(crate) fn min_command_interval(&self) -> Duration {
        Duration::from_millis(self.min_command_interval_ms)
    }

    /// Pause between two looks.
    pub(crate) fn poll(&self) -> Duration {
        Duration::from_millis(self.poll_ms)
    }

    /// How long a reset is believed to take.
    pub(crate) fn reset_settle(&self) -> Duration {
        Duration::from_millis(self.reset_settle_ms)
    }
}
