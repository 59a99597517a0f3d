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
    /// Deadline of a task that makes or deletes a RAID volume, once the node was rebooted where that is needed, in seconds.
    pub raid_timeout_secs: u64,
    /// Deadline for BIOS settings to be in force after the reboot began, in seconds.
    pub bios_timeout_secs: u64,
    /// Deadline of the installation of one firmware image, reboots included, in seconds.
    pub firmware_timeout_secs: u64,
    /// How long a firmware task may say that it starts before the node is rebooted for it, in seconds.
    pub firmware_stall_secs: u64,
    /// How long a new firmware version may take to show once its task has ended and the node was rebooted, in seconds.
    pub firmware_reboot_delay_secs: u64,
    /// How often in a row a BMC must answer after new firmware before anything else is asked of it.
    pub firmware_settle_reads: u32,
    /// Pause between these answers, in milliseconds.
    pub firmware_settle_pause_ms: u64,
    /// Deadline for a BMC to answer that often, in seconds.
    pub firmware_settle_timeout_secs: u64,
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
            raid_timeout_secs: 3_600,
            bios_timeout_secs: 1_800,
            firmware_timeout_secs: 7_200,
            firmware_stall_secs: 30,
            firmware_reboot_delay_secs: 300,
            firmware_settle_reads: 3,
            firmware_settle_pause_ms: 30_000,
            firmware_settle_timeout_secs: 480,
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

    pub(crate) fn raid_timeout(&self) -> Duration {
        Duration::from_secs(self.raid_timeout_secs)
    }

    pub(crate) fn bios_timeout(&self) -> Duration {
        Duration::from_secs(self.bios_timeout_secs)
    }

    pub(crate) fn firmware_timeout(&self) -> Duration {
        Duration::from_secs(self.firmware_timeout_secs)
    }

    pub(crate) fn firmware_stall(&self) -> Duration {
        Duration::from_secs(self.firmware_stall_secs)
    }

    pub(crate) fn firmware_reboot_delay(&self) -> Duration {
        Duration::from_secs(self.firmware_reboot_delay_secs)
    }

    pub(crate) fn firmware_settle_pause(&self) -> Duration {
        Duration::from_millis(self.firmware_settle_pause_ms)
    }

    pub(crate) fn firmware_settle_timeout(&self) -> Duration {
        Duration::from_secs(self.firmware_settle_timeout_secs)
    }

    pub(crate) fn restart_settle(&self) -> Duration {
        Duration::from_millis(self.restart_settle_ms)
    }
}
