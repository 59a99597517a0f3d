//! Deploy: the steps of deploying and cleaning, and the agent that carries some of them out.

use crate::registry::NodeInterfaces;
use crate::{HardwareError, StepOutcome, TaskView};
use async_trait::async_trait;
use ferric_model::node::Node;
use ferric_model::report::Observed;
use ferric_model::step::{Step, StepKind};

/// Deploys and cleans a node in steps.
#[async_trait]
pub trait Deploy: Send + Sync + std::fmt::Debug {
    /// Whether the node's description suffices for a deployment.
    fn validate(&self, node: &Node) -> Result<(), HardwareError>;

    /// Whether steps of this kind need the ramdisk at all on this node.
    fn uses_ramdisk(&self, kind: StepKind, node: &Node) -> bool;

    /// Whether the instance boots from the node's disk; else it comes from the network or from media at every start.
    ///
    /// Source: `contract: boot-and-images` section 1, `boot_option`.
    fn boots_from_disk(&self, node: &Node) -> bool {
        let _ = node;
        true
    }

    /// The steps that the conductor carries out, in no particular order.
    fn steps(&self, kind: StepKind, node: &Node) -> Vec<Step>;

    /// The steps that the running agent offers.
    async fn agent_steps(&self, task: &TaskView, kind: StepKind) -> Result<Vec<Step>, HardwareError>;

    /// Begins a step, of the conductor or of the agent.
    async fn execute(
        &self,
        task: &TaskView,
        interfaces: &NodeInterfaces,
        kind: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError>;

    /// Looks after a step that answered [`StepOutcome::Wait`]: called when the agent was heard of, and after a take-over
    /// to find out whether the step was done. An agent that lost its list of commands was rebooted: the step is done.
    async fn resume(
        &self,
        task: &TaskView,
        interfaces: &NodeInterfaces,
        kind: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError>;

    /// Undoes a deployment: power off, take the instance's boot configuration away.
    async fn tear_down(
        &self,
        task: &TaskView,
        interfaces: &NodeInterfaces,
    ) -> Result<Observed, HardwareError>;
}
