//! Deploying and cleaning of a fake node.

use super::script::play;
use crate::registry::NodeInterfaces;
use crate::{Deploy, HardwareError, StepOutcome, TaskView};
use async_trait::async_trait;
use ferric_model::hardware::InterfaceKind;
use ferric_model::node::Node;
use ferric_model::report::Observed;
use ferric_model::step::{Step, StepKind};

/// The fake deploy interface: one deploy step and one clean step that only take time.
#[derive(Debug, Default, Clone, Copy)]
pub struct FakeDeploy;

/// Kind, name and priority of each step.
const STEPS: [(StepKind, InterfaceKind, &str, i64); 3] = [
    (StepKind::Deploy, InterfaceKind::Deploy, "deploy", 100),
    (StepKind::Clean, InterfaceKind::Vendor, "log_passthrough", 1),
    (StepKind::Service, InterfaceKind::Vendor, "log_passthrough", 0),
];

#[async_trait]
impl Deploy for FakeDeploy {
    fn validate(&self, _node: &Node) -> Result<(), HardwareError> {
        Ok(())
    }

    fn uses_ramdisk(&self, _kind: StepKind) -> bool {
        false
    }

    fn steps(&self, kind: StepKind, _node: &Node) -> Vec<Step> {
        STEPS
            .into_iter()
            .filter(|row| row.0 == kind)
            .map(|(_, interface, name, priority)| Step {
                requires_ramdisk: false,
                ..Step::new(interface, name, priority)
            })
            .collect()
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
