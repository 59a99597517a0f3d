//! Deploying and cleaning of a fake node.

use super::script::play;
use super::steps::{FakeStep, offered};
use crate::registry::NodeInterfaces;
use crate::{Deploy, HardwareError, StepOutcome, TaskView};
use async_trait::async_trait;
use ferric_model::hardware::InterfaceKind;
use ferric_model::node::Node;
use ferric_model::report::Observed;
use ferric_model::step::{Step, StepKind};

/// The fake deploy interface: one deploy step that only takes time.
#[derive(Debug, Default, Clone, Copy)]
pub struct FakeDeploy;

const STEPS: [FakeStep; 1] = [FakeStep::new(StepKind::Deploy, "deploy", 100).without_ramdisk()];

#[async_trait]
impl Deploy for FakeDeploy {
    fn validate(&self, _node: &Node) -> Result<(), HardwareError> {
        Ok(())
    }

    fn uses_ramdisk(&self, _kind: StepKind) -> bool {
        false
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
        play(&task.node, &step.label()).await.map(|()| StepOutcome::done())
    }

    async fn resume(
        &self,
        task: &TaskView,
        interfaces: &NodeInterfaces,
        kind: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        self.execute(task, interfaces, kind, step).await
    }

    async fn tear_down(&self, task: &TaskView, _: &NodeInterfaces) -> Result<Observed, HardwareError> {
        play(&task.node, "tear_down").await.map(|()| Observed::default())
    }
}
