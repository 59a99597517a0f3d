//! Settings of installations.

use serde::{Deserialize, Serialize};

/// What answer files may do, and where those of nodes come from that name none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
}
