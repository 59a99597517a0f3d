//! Implementations that do nothing, for what a node does not have.

use crate::interface::{BootDevice, Deploy, Inspect, Management};
use crate::registry::NodeInterfaces;
use crate::{HardwareError, InspectOutcome, StepOutcome, TaskView};
use async_trait::async_trait;
use ferric_model::hardware::{InterfaceKind, supported_boot_devices};
use ferric_model::node::Node;
use ferric_model::report::Observed;
use ferric_model::step::{Step, StepKind};

/// `no-inspect`: every inspection is refused.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoInspect;

/// The management interface `noop`: somebody sets the boot device by hand.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoopManagement;

/// The deploy interface `noop`: whatever runs on the node was put there by somebody else.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoopDeploy;

fn refused() -> HardwareError {
    HardwareError::unsupported("the node's inspect interface is 'no-inspect'")
}

#[async_trait]
impl Inspect for NoInspect {
    fn validate(&self, _node: &Node) -> Result<(), HardwareError> {
        Err(refused())
    }

    async fn inspect(&self, _: &TaskView, _: &NodeInterfaces) -> Result<InspectOutcome, HardwareError> {
        Err(refused())
    }
}

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

    fn uses_ramdisk(&self, _kind: StepKind) -> bool {
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
