//! Deploying and cleaning of a fake node.

use super::script::{has_ramdisk, play, play_step, probe};
use super::steps::{FakeStep, offered};
use crate::registry::NodeInterfaces;
use crate::{Deploy, HardwareError, Probe, StepOutcome, TaskView};
use async_trait::async_trait;
use ferric_model::hardware::InterfaceKind;
use ferric_model::node::Node;
use ferric_model::report::Observed;
use ferric_model::step::{Repeat, Step, StepKind};

/// The fake deploy interface: one deploy step that only takes time, or boots a ramdisk whose part somebody plays.
#[derive(Debug, Default, Clone, Copy)]
pub struct FakeDeploy;

const STEPS: [FakeStep; 1] = [FakeStep::new(StepKind::Deploy, "deploy", 100).without_ramdisk().abortable()];

#[async_trait]
impl Deploy for FakeDeploy {
    fn validate(&self, _node: &Node) -> Result<(), HardwareError> {
        Ok(())
    }

    fn uses_ramdisk(&self, kind: StepKind, node: &Node) -> bool {
        kind != StepKind::Verify && has_ramdisk(node)
    }

    fn steps(&self, kind: StepKind, _: &Node) -> Vec<Step> {
        offered(InterfaceKind::Deploy, &STEPS, kind)
    }

    async fn agent_steps(&self, _: &TaskView, _: StepKind) -> Result<Vec<Step>, HardwareError> {
        Ok(Vec::new())
    }

    async fn execute(
        &self,
        task: &TaskView,
        _: &NodeInterfaces,
        _: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        match play_step(&task.node, step).await? {
            StepOutcome::Done(seen) if has_ramdisk(&task.node) && step.step == "deploy" => {
                Ok(StepOutcome::BootRamdisk(seen))
            }
            outcome => Ok(outcome),
        }
    }

    async fn resume(
        &self,
        task: &TaskView,
        interfaces: &NodeInterfaces,
        kind: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        if step.repeat != Repeat::Once {
            return self.execute(task, interfaces, kind, step).await;
        }
        match probe(&task.node, step).await? {
            Probe::Done(seen) => Ok(StepOutcome::Done(*seen)),
            Probe::NotDone => self.execute(task, interfaces, kind, step).await,
            Probe::Unknown => Err(HardwareError::unsupported(format!("a second {}", step.label()))),
        }
    }

    async fn tear_down(&self, task: &TaskView, _: &NodeInterfaces) -> Result<Observed, HardwareError> {
        play(&task.node, "tear_down").await.map(|()| Observed::default())
    }
}
