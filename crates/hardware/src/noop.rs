//! Implementations that do nothing, for what a node does not have. Those called `no-…` refuse every request as unsupported.

use crate::interface::{
    Bios, BootDevice, Console, Deploy, Firmware, Inspect, Management, Network, Raid, RamdiskNetwork, Rescue,
    Steps, Vendor,
};
use crate::registry::NodeInterfaces;
use crate::{HardwareError, InspectOutcome, StepOutcome, TaskView};
use async_trait::async_trait;
use ferric_model::JsonMap;
use ferric_model::bios::BiosSettings;
use ferric_model::firmware::FirmwareComponents;
use ferric_model::hardware::{InterfaceKind, supported_boot_devices};
use ferric_model::node::Node;
use ferric_model::report::Observed;
use ferric_model::step::{Step, StepKind};
use ferric_model::task::params::AttachVif;

/// `no-bios`: there is nothing to read or to change.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoBios;

/// `no-console`.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoConsole;

/// `no-firmware`: there is nothing to read or to update.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFirmware;

/// `no-inspect`.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoInspect;

/// `no-raid`.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoRaid;

/// `no-rescue`.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoRescue;

/// `no-vendor`: there are no methods.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoVendor;

/// The management interface `noop`: somebody sets the boot device by hand.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoopManagement;

/// The network interface `noop`: the node is where it is. VIFs are accepted and forgotten.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoopNetwork;

/// The deploy interface `noop`: whatever runs on the node was put there by somebody else.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoopDeploy;

fn refused(node: &Node, kind: InterfaceKind) -> HardwareError {
    HardwareError::unsupported_by(node, kind.as_str())
}

impl Steps for NoBios {}
impl Steps for NoFirmware {}
impl Steps for NoRaid {}
impl Steps for NoVendor {}

#[async_trait]
impl Bios for NoBios {
    fn validate(&self, node: &Node) -> Result<(), HardwareError> {
        Err(refused(node, InterfaceKind::Bios))
    }

    async fn read_settings(&self, _: &TaskView) -> Result<Option<BiosSettings>, HardwareError> {
        Ok(None)
    }
}

#[async_trait]
impl Console for NoConsole {
    fn validate(&self, node: &Node) -> Result<(), HardwareError> {
        Err(refused(node, InterfaceKind::Console))
    }

    async fn start_console(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        Err(refused(&task.node, InterfaceKind::Console))
    }

    async fn stop_console(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        Err(refused(&task.node, InterfaceKind::Console))
    }

    async fn get_console(&self, task: &TaskView) -> Result<JsonMap, HardwareError> {
        Err(refused(&task.node, InterfaceKind::Console))
    }
}

#[async_trait]
impl Firmware for NoFirmware {
    fn validate(&self, node: &Node) -> Result<(), HardwareError> {
        Err(refused(node, InterfaceKind::Firmware))
    }

    async fn read_components(&self, _: &TaskView) -> Result<Option<FirmwareComponents>, HardwareError> {
        Ok(None)
    }
}

#[async_trait]
impl Inspect for NoInspect {
    fn validate(&self, node: &Node) -> Result<(), HardwareError> {
        Err(refused(node, InterfaceKind::Inspect))
    }

    async fn inspect(&self, task: &TaskView, _: &NodeInterfaces) -> Result<InspectOutcome, HardwareError> {
        Err(refused(&task.node, InterfaceKind::Inspect))
    }
}

impl Raid for NoRaid {
    fn validate(&self, node: &Node) -> Result<(), HardwareError> {
        Err(refused(node, InterfaceKind::Raid))
    }
}

#[async_trait]
impl Rescue for NoRescue {
    fn validate(&self, node: &Node) -> Result<(), HardwareError> {
        Err(refused(node, InterfaceKind::Rescue))
    }

    async fn rescue(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        Err(refused(&task.node, InterfaceKind::Rescue))
    }

    async fn unrescue(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        Err(refused(&task.node, InterfaceKind::Rescue))
    }
}

impl Vendor for NoVendor {
    fn validate(&self, node: &Node) -> Result<(), HardwareError> {
        Err(refused(node, InterfaceKind::Vendor))
    }
}

impl Steps for NoopManagement {}

#[async_trait]
impl Management for NoopManagement {
    fn validate(&self, _node: &Node) -> Result<(), HardwareError> {
        Ok(())
    }

    async fn get_boot_device(&self, _: &TaskView) -> Result<BootDevice, HardwareError> {
        Ok(BootDevice::default())
    }

    async fn set_boot_device(&self, _: &TaskView, device: &str, _: bool) -> Result<Observed, HardwareError> {
        let supported = supported_boot_devices("noop");
        if supported.contains(&device) {
            return Ok(Observed::default());
        }
        Err(HardwareError::invalid(
            format!("Invalid boot device {device} specified."),
            format!("choose one of {}", supported.join(", ")),
        ))
    }

    async fn observe(&self, _: &TaskView) -> Result<Observed, HardwareError> {
        Ok(Observed::default())
    }
}

#[async_trait]
impl Deploy for NoopDeploy {
    fn validate(&self, _node: &Node) -> Result<(), HardwareError> {
        Ok(())
    }

    fn uses_ramdisk(&self, _kind: StepKind, _node: &Node) -> bool {
        false
    }

    fn steps(&self, kind: StepKind, _node: &Node) -> Vec<Step> {
        let deploy = Step { requires_ramdisk: false, ..Step::new(InterfaceKind::Deploy, "deploy", 100) };
        if kind == StepKind::Deploy { vec![deploy] } else { Vec::new() }
    }

    async fn agent_steps(&self, _: &TaskView, _: StepKind) -> Result<Vec<Step>, HardwareError> {
        Ok(Vec::new())
    }

    async fn execute(
        &self,
        _: &TaskView,
        _: &NodeInterfaces,
        _: StepKind,
        _: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        Ok(StepOutcome::done())
    }

    async fn resume(
        &self,
        _: &TaskView,
        _: &NodeInterfaces,
        _: StepKind,
        _: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        Ok(StepOutcome::done())
    }

    async fn tear_down(&self, _: &TaskView, _: &NodeInterfaces) -> Result<Observed, HardwareError> {
        Ok(Observed::default())
    }
}

#[async_trait]
impl Network for NoopNetwork {
    fn validate(&self, _node: &Node) -> Result<(), HardwareError> {
        Ok(())
    }

    async fn attach_vif(&self, _: &TaskView, _: &AttachVif) -> Result<Observed, HardwareError> {
        Ok(Observed::default())
    }

    async fn detach_vif(&self, _: &TaskView, _: &str) -> Result<Observed, HardwareError> {
        Ok(Observed::default())
    }

    async fn enter_ramdisk_network(
        &self,
        _: &TaskView,
        _: RamdiskNetwork,
    ) -> Result<Observed, HardwareError> {
        Ok(Observed::default())
    }

    async fn leave_ramdisk_network(
        &self,
        _: &TaskView,
        _: RamdiskNetwork,
    ) -> Result<Observed, HardwareError> {
        Ok(Observed::default())
    }

    async fn connect_vifs(&self, _: &TaskView) -> Result<Observed, HardwareError> {
        Ok(Observed::default())
    }

    async fn disconnect_vifs(&self, _: &TaskView) -> Result<Observed, HardwareError> {
        Ok(Observed::default())
    }
}
