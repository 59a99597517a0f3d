//! RAID of a fake node.

use super::script::{play_step, probe};
use super::steps::{FakeStep, offered};
use crate::interface::{Raid, StepArg, Steps};
use crate::registry::NodeInterfaces;
use crate::{HardwareError, Probe, StepOutcome, TaskView};
use async_trait::async_trait;
use ferric_model::JsonMap;
use ferric_model::hardware::InterfaceKind;
use ferric_model::node::Node;
use ferric_model::report::Observed;
use ferric_model::step::{Step, StepKind};

/// The fake RAID interface: a node has the layout that was asked for when it was last created.
#[derive(Debug, Default, Clone, Copy)]
pub struct FakeRaid;

const STEPS: [FakeStep; 2] = [
    FakeStep::new(StepKind::Clean, "create_configuration", 0).once(),
    FakeStep::new(StepKind::Clean, "delete_configuration", 0),
];

#[async_trait]
impl Steps for FakeRaid {
    fn steps(&self, kind: StepKind, _: &Node) -> Vec<Step> {
        offered(InterfaceKind::Raid, &STEPS, kind)
    }

    fn step_args(&self, step: &str) -> &'static [StepArg] {
        const fn flag(name: &'static str, description: &'static str) -> StepArg {
            StepArg { name, description, required: false }
        }
        const CREATE: [StepArg; 3] = [
            flag("create_root_volume", "whether to create the root volume"),
            flag("create_nonroot_volumes", "whether to create the other volumes"),
            flag("delete_existing", "whether to delete what is there before"),
        ];
        if step == "create_configuration" { &CREATE } else { &[] }
    }

    async fn execute_step(
        &self,
        task: &TaskView,
        _: &NodeInterfaces,
        _: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        let outcome = play_step(&task.node, step).await?;
        if outcome != StepOutcome::done() {
            return Ok(outcome);
        }
        let raid_config = match step.step.as_str() {
            "create_configuration" => task.node.spec.target_raid_config.clone(),
            _ => JsonMap::new(),
        };
        Ok(StepOutcome::Done(Observed { raid_config: Some(raid_config), ..Observed::default() }))
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

impl Raid for FakeRaid {
    fn validate(&self, _: &Node) -> Result<(), HardwareError> {
        Ok(())
    }
}
