//! Management: boot device, boot mode, secure boot, indicators, sensors, virtual media, vendor, health.

use super::{Sensor, Steps};
use crate::{HardwareError, TaskView};
use async_trait::async_trait;
use ferric_model::node::Node;
use ferric_model::report::Observed;
use ferric_model::task::params::AttachVirtualMedia;
use serde::Serialize;

/// A boot device as Ironic names it, or none where the BMC does not tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BootDevice {
    /// `pxe`, `disk`, `cdrom`, `bios`, …
    pub boot_device: Option<String>,
    /// For every boot, or the next one only.
    pub persistent: Option<bool>,
}

/// A lamp, or something like one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Indicator {
    /// The part of the node that has it: `system`, `chassis`, `drive`, …
    pub component: String,
    /// Its name there, without an at sign.
    pub name: String,
    /// Whether it cannot be set.
    pub readonly: bool,
    /// The states it can have: `on`, `off`, `blinking`, `unknown`.
    pub states: Vec<String>,
}

/// A virtual media device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VirtualMedia {
    /// What it can stand for, in the BMC's words.
    pub media_types: Vec<String>,
    /// Whether something is in it.
    pub inserted: bool,
    /// What is in it, as far as the BMC tells.
    pub image: String,
}

/// Manages what a BMC offers beside power. What an implementation leaves out is refused as unsupported.
#[async_trait]
pub trait Management: Steps {
    /// Whether the node's description suffices.
    fn validate(&self, node: &Node) -> Result<(), HardwareError>;

    /// Reads the boot device.
    async fn get_boot_device(&self, task: &TaskView) -> Result<BootDevice, HardwareError>;

    /// Sets the boot device; gives what has to be remembered of it.
    ///
    /// Which devices there are stands in [`ferric_model::hardware::supported_boot_devices`].
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

    /// Changes the boot mode to `uefi` or `bios` and returns when the BMC confirms it, which may take a reboot; the power
    /// state is afterwards what it was. A mode that is set already costs nothing.
    ///
    /// The outcome need not name the mode: that it returned well says it.
    async fn set_boot_mode(&self, task: &TaskView, mode: &str) -> Result<Observed, HardwareError> {
        let _ = mode;
        Err(HardwareError::unsupported_by(&task.node, "set_boot_mode"))
    }

    /// Switches secure boot and returns when the BMC confirms it; as [`Self::set_boot_mode`].
    async fn set_secure_boot(&self, task: &TaskView, on: bool) -> Result<Observed, HardwareError> {
        let _ = on;
        Err(HardwareError::unsupported_by(&task.node, "set_secure_boot_state"))
    }

    /// Interrupts the operating system with a non-maskable interrupt.
    async fn inject_nmi(&self, task: &TaskView) -> Result<(), HardwareError> {
        Err(HardwareError::unsupported_by(&task.node, "inject_nmi"))
    }

    /// The indicators of the node, by component.
    async fn list_indicators(&self, task: &TaskView) -> Result<Vec<Indicator>, HardwareError> {
        Err(HardwareError::unsupported_by(&task.node, "get_supported_indicators"))
    }

    /// The state of an indicator.
    ///
    /// **Errors**: [`crate::HardwareErrorKind::InvalidParameter`] for one that there is not.
    async fn get_indicator(
        &self,
        task: &TaskView,
        component: &str,
        name: &str,
    ) -> Result<String, HardwareError> {
        let _ = (component, name);
        Err(HardwareError::unsupported_by(&task.node, "get_indicator_state"))
    }

    /// Sets an indicator.
    ///
    /// **Errors**: [`crate::HardwareErrorKind::InvalidParameter`] for one that there is not, or a state that it cannot have.
    async fn set_indicator(
        &self,
        task: &TaskView,
        component: &str,
        name: &str,
        state: &str,
    ) -> Result<(), HardwareError> {
        let _ = (component, name, state);
        Err(HardwareError::unsupported_by(&task.node, "set_indicator_state"))
    }

    /// Reads the sensors of the node. A part that cannot be read is left out; the others are told.
    async fn sensors(&self, node: &Node) -> Result<Vec<Sensor>, HardwareError> {
        Err(HardwareError::unsupported_by(node, "get_sensors_data"))
    }

    /// The virtual media devices of the node.
    async fn get_virtual_media(&self, task: &TaskView) -> Result<Vec<VirtualMedia>, HardwareError> {
        Err(HardwareError::unsupported_by(&task.node, "get_virtual_media"))
    }

    /// Inserts an image into the first device of the wanted type, in place of what is in it.
    async fn attach_virtual_media(
        &self,
        task: &TaskView,
        media: &AttachVirtualMedia,
    ) -> Result<Observed, HardwareError> {
        let _ = media;
        Err(HardwareError::unsupported_by(&task.node, "attach_virtual_media"))
    }

    /// Empties the devices of these types (`cdrom`, `disk`, `floppy`), or all. An empty one costs nothing.
    async fn detach_virtual_media(
        &self,
        task: &TaskView,
        device_types: Option<&[String]>,
    ) -> Result<Observed, HardwareError> {
        let _ = device_types;
        Err(HardwareError::unsupported_by(&task.node, "detach_virtual_media"))
    }
}
