//! How disks are erased: choices of the operator that the agent reads from the node.

use ferric_model::JsonMap;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What the agent does in `erase_devices` and `erase_devices_express`.
///
/// Source: Ironic's options of the same meaning; the agent reads them from `driver_internal_info`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ErasureConfig {
    /// How often a disk is overwritten with random data where it cannot erase itself.
    pub overwrite_iterations: u32,
    /// Whether it is overwritten with zeros at last.
    pub overwrite_with_zeros: bool,
    /// Whether a disk that fails to erase itself is overwritten instead of failing the cleaning.
    pub continue_if_secure_erase_fails: bool,
    /// Whether NVMe disks are formatted.
    pub nvme_secure_erase: bool,
    /// Whether ATA disks erase themselves.
    pub ata_secure_erase: bool,
    /// Whether disks that cannot be written are passed over instead of failing the cleaning.
    pub skip_read_only: bool,
    /// How many disks are erased at once.
    pub concurrency: u32,
}

impl Default for ErasureConfig {
    fn default() -> Self {
        Self {
            overwrite_iterations: 1,
            overwrite_with_zeros: true,
            continue_if_secure_erase_fails: false,
            nvme_secure_erase: true,
            ata_secure_erase: true,
            skip_read_only: false,
            concurrency: 4,
        }
    }
}

impl ErasureConfig {
    /// Adds the choices to the `driver_internal_info` that the agent gets to see; what the node itself says stays.
    pub(crate) fn add_to(&self, internal: &mut JsonMap) {
        let choices = [
            ("agent_erase_devices_iterations", json!(self.overwrite_iterations)),
            ("agent_erase_devices_zeroize", json!(self.overwrite_with_zeros)),
            ("agent_continue_if_secure_erase_failed", json!(self.continue_if_secure_erase_fails)),
            // The same, as older agents call it.
            ("agent_continue_if_ata_erase_failed", json!(self.continue_if_secure_erase_fails)),
            ("agent_enable_nvme_secure_erase", json!(self.nvme_secure_erase)),
            ("agent_enable_ata_secure_erase", json!(self.ata_secure_erase)),
            ("agent_erase_skip_read_only", json!(self.skip_read_only)),
            ("disk_erasure_concurrency", json!(self.concurrency)),
        ];
        for (key, value) in choices {
            internal.entry(key).or_insert(value);
        }
    }
}
