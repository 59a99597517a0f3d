//! Steps that an interface itself has, for cleaning, deploying, servicing and verifying.

use crate::registry::NodeInterfaces;
use crate::{HardwareError, HardwareErrorKind, Probe, StepOutcome, TaskView};
use async_trait::async_trait;
use ferric_model::failure::code;
use ferric_model::node::Node;
use ferric_model::step::{Repeat, Step, StepKind};

/// An argument that a step takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepArg {
    /// Its name.
    pub name: &'static str,
    /// What it means, for the refusal when it is missing.
    pub description: &'static str,
    /// Whether the step makes no sense without it.
    pub required: bool,
}

/// The steps of one interface that the conductor carries out; an interface without any implements nothing of it.
///
/// A step of priority 0 runs only when somebody asks for it. [`Step::requires_ramdisk`] says whether the agent must run
/// meanwhile, [`Step::repeat`] what a conductor may do that takes the step over from one that was lost.
#[async_trait]
pub trait Steps: Send + Sync + std::fmt::Debug {
    /// The steps of this kind, in no particular order; each names the kind of this interface.
    fn steps(&self, kind: StepKind, node: &Node) -> Vec<Step> {
        let _ = (kind, node);
        Vec::new()
    }

    /// The arguments that the step takes; it is refused with any other, and without those it needs.
    fn step_args(&self, step: &str) -> &'static [StepArg] {
        let _ = step;
        &[]
    }

    /// Carries out a step of [`Self::steps`]. It may take as long as it needs; what it waits for it looks after itself,
    /// unless it waits for the agent or for a reboot into the ramdisk, which the outcome says.
    async fn execute_step(
        &self,
        task: &TaskView,
        interfaces: &NodeInterfaces,
        kind: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        let _ = (interfaces, kind);
        Err(HardwareError::unsupported_by(&task.node, &step.label()))
    }

    /// Finds out whether a step of [`Repeat::Once`] was done that a conductor began and did not end. Nothing is changed by it.
    async fn probe_step(
        &self,
        task: &TaskView,
        interfaces: &NodeInterfaces,
        kind: StepKind,
        step: &Step,
    ) -> Result<Probe, HardwareError> {
        let _ = (task, interfaces, kind, step);
        Ok(Probe::Unknown)
    }

    /// Looks after a step that answered [`StepOutcome::Wait`], [`StepOutcome::Again`] or
    /// [`StepOutcome::RebootAndResume`], and after one that another conductor began and did not end. By itself it is
    /// carried out again, one of [`Repeat::Once`] only where [`Self::probe_step`] is certain that it was not done.
    async fn resume_step(
        &self,
        task: &TaskView,
        interfaces: &NodeInterfaces,
        kind: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        if step.repeat != Repeat::Once {
            return self.execute_step(task, interfaces, kind, step).await;
        }
        match self.probe_step(task, interfaces, kind, step).await? {
            Probe::Done(seen) => Ok(StepOutcome::Done(*seen)),
            Probe::NotDone => self.execute_step(task, interfaces, kind, step).await,
            Probe::Unknown => Err(HardwareError::new(
                HardwareErrorKind::Unknown,
                code::STEP_OUTCOME_UNKNOWN,
                format!("nothing tells whether {} was done", step.label()),
                "look at the node whether the step was done, then start over from where that leaves it",
            )),
        }
    }
}
