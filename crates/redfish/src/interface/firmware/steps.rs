//! The firmware interface: its step `update`, and what it reads.

use super::components::read;
use super::images::{resume_images, start_components};
use crate::client::RedfishClients;
use async_trait::async_trait;
use ferric_hardware::interface::{Firmware, StepArg};
use ferric_hardware::{HardwareError, NodeInterfaces, StepOutcome, Steps, TaskView};
use ferric_model::firmware::FirmwareComponents;
use ferric_model::hardware::InterfaceKind;
use ferric_model::node::Node;
use ferric_model::step::{Repeat, Step, StepKind};
use std::sync::Arc;

/// The firmware interface `redfish`.
#[derive(Debug, Clone)]
pub struct RedfishFirmware(Arc<RedfishClients>);

const SETTINGS: [StepArg; 1] = [StepArg {
    name: "settings",
    description: "a list of updates, each an object with a component and a url, and perhaps wait in seconds",
    required: true,
}];

impl RedfishFirmware {
    /// Firmware through these clients.
    pub const fn new(clients: Arc<RedfishClients>) -> Self {
        Self(clients)
    }
}

#[async_trait]
impl Steps for RedfishFirmware {
    fn steps(&self, kind: StepKind, _: &Node) -> Vec<Step> {
        // Source: `contract: hardware-interfaces` section 2.
        let requires_ramdisk = kind == StepKind::Clean;
        let update = Step {
            requires_ramdisk,
            repeat: Repeat::Once,
            ..Step::new(InterfaceKind::Firmware, "update", 0)
        };
        if kind == StepKind::Verify { Vec::new() } else { vec![update] }
    }

    fn step_args(&self, _: &str) -> &'static [StepArg] {
        &SETTINGS
    }

    async fn execute_step(
        &self,
        task: &TaskView,
        _: &NodeInterfaces,
        _: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        start_components(&self.0.open(&task.node)?, task, step).await
    }

    async fn resume_step(
        &self,
        task: &TaskView,
        interfaces: &NodeInterfaces,
        kind: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        let access = self.0.open(&task.node)?;
        match resume_images(&access, task, interfaces, step).await? {
            Some(outcome) => Ok(outcome),
            None => self.execute_step(task, interfaces, kind, step).await,
        }
    }
}

#[async_trait]
impl Firmware for RedfishFirmware {
    fn validate(&self, node: &Node) -> Result<(), HardwareError> {
        self.0.open(node).map(drop)
    }

    async fn read_components(&self, task: &TaskView) -> Result<Option<FirmwareComponents>, HardwareError> {
        let components = read(&self.0.open(&task.node)?).await?;
        Ok(Some(components).filter(|components| !components.is_empty()))
    }
}
