//! Settings of installations.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What answer files may do, and where those of nodes come from that name none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InstallerConfig {
    /// Template of kickstart files of nodes that name none (a URL); the built-in one if empty.
    pub default_ks_template: String,
    /// Template of preseed files of nodes that name none (a URL); the built-in one if empty.
    pub default_preseed_template: String,
    /// Whether answer files may hold passwords in clear text.
    pub allow_plaintext_passwords: bool,
    /// Further hosts from which answer files may include others, separated by commas.
    pub include_hosts: String,
    /// Whether installers tell the API how they fare without verifying its certificate.
    pub insecure_heartbeat: bool,
    /// Whether a layout of disks is tried on the node's inventory before the node is touched.
    pub check_storage: bool,
    /// Whether kernel, ramdisk and stage 2 are asked for before the node is touched, so that a wrong URL fails at once.
    pub check_images: bool,
    /// Deadline of each of these questions, in seconds.
    pub check_images_timeout_secs: u64,
    /// How long an installer that is done gets to switch the node off in good order, in seconds.
    pub soft_power_off_secs: u64,
    /// How long the BMC gets to reach a power state, in seconds.
    pub power_timeout_secs: u64,
}

impl Default for InstallerConfig {
    fn default() -> Self {
        Self {
            default_ks_template: String::new(),
            default_preseed_template: String::new(),
            allow_plaintext_passwords: false,
            include_hosts: String::new(),
            insecure_heartbeat: false,
            check_storage: true,
            check_images: true,
            check_images_timeout_secs: 60,
            soft_power_off_secs: 60,
            power_timeout_secs: 120,
        }
    }
}

impl InstallerConfig {
    pub(crate) fn power_timeout(&self) -> Duration {
        Duration::from_secs(self.power_timeout_secs)
    }

    pub(crate) fn soft_power_off(&self) -> Duration {
        Duration::from_secs(self.soft_power_off_secs)
    }

    pub(crate) fn check_images_timeout(&self) -> Duration {
        Duration::from_secs(self.check_images_timeout_secs)
    }
}
