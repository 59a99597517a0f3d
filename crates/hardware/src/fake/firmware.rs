//! Firmware of a fake node.

use super::script::{play_step, probe};
use super::steps::{FakeStep, offered};
use crate::interface::{Firmware, StepArg, Steps};
use crate::registry::NodeInterfaces;
use crate::{HardwareError, Probe, StepOutcome, TaskView};
use async_trait::async_trait;
use ferric_model::firmware::FirmwareComponents;
use ferric_model::hardware::InterfaceKind;
use ferric_model::node::Node;
use ferric_model::step::{Step, StepKind};

/// The fake firmware interface: an update takes time and changes nothing.
#[derive(Debug, Default, Clone, Copy)]
pub struct FakeFirmware;

const STEPS: [FakeStep; 2] = [
    FakeStep::new(StepKind::Clean, "update", 0).once(),
    FakeStep::new(StepKind::Service, "update", 0).once(),
];

const SETTINGS: [StepArg; 1] = [StepArg {
    name: "settings",
    description: "a list of firmware components, each an object with a component and a url",
    required: true,
}];

#[async_trait]
impl Steps for FakeFirmware {
    fn steps(&self, kind: StepKind, _: &Node) -> Vec<Step> {
        offered(InterfaceKind::Firmware, &STEPS, kind)
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
        play_step(&task.node, step).await
    }

    async fn probe_step(
        &self,
        task: &TaskView,
        _: &NodeInterfaces,
        _: StepKind,
        step: &Step,
    ) -> Result<Probe, HardwareError> {
        probe(&task.node, step).await
    }
}

#[async_trait]
impl Firmware for FakeFirmware {
    fn validate(&self, _: &Node) -> Result<(), HardwareError> {
        Ok(())
    }

    async fn read_components(&self, _: &TaskView) -> Result<Option<FirmwareComponents>, HardwareError> {
        Ok(None)
    }
}
