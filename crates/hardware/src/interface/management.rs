//! Management: boot device, vendor, health.

use crate::{HardwareError, TaskView};
use async_trait::async_trait;
use ferric_model::node::Node;
use ferric_model::report::Observed;

/// A boot device as Ironic names it, or none where the BMC does not tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BootDevice {
    /// `pxe`, `disk`, `cdrom`, `bios`, …
    pub boot_device: Option<String>,
    /// For every boot, or the next one only.
    pub persistent: Option<bool>,
}

/// Manages what a BMC offers beside power.
#[async_trait]
pub trait Management: Send + Sync + std::fmt::Debug {
    /// Whether the node's description suffices.
    fn validate(&self, node: &Node) -> Result<(), HardwareError>;

    /// Reads the boot device.
    async fn get_boot_device(&self, task: &TaskView) -> Result<BootDevice, HardwareError>;

    /// Sets the boot device; gives what has to be remembered of it.
    ///
    /// **Errors**: [`crate::HardwareErrorKind::InvalidParameter`] for a device that is not supported.
    async fn set_boot_device(
        &self,
        task: &TaskView,
        device: &str,
        persistent: bool,
    ) -> Result<Observed, HardwareError>;

    /// What verification reads: vendor, boot mode, secure boot, health. What cannot be read is left out.
    async fn observe(&self, task: &TaskView) -> Result<Observed, HardwareError>;
}
