//! Firmware of a fake node.

use super::script::play;
use super::steps::{FakeStep, offered};
use crate::interface::{Firmware, StepArg, Steps};
use crate::registry::NodeInterfaces;
use crate::{HardwareError, StepOutcome, TaskView};
use async_trait::async_trait;
use ferric_model::firmware::FirmwareComponents;
use ferric_model::hardware::InterfaceKind;
use ferric_model::node::Node;
use ferric_model::step::{Step, StepKind};

/// The fake firmware interface: an update takes time and changes nothing.
#[derive(Debug, Default, Clone, Copy)]
pub struct FakeFirmware;

const STEPS: [FakeStep; 1] = [FakeStep::new(StepKind::Clean, "update", 0)];

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
        play(&task.node, &step.label()).await.map(|()| StepOutcome::done())
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
