//! The steps of a node's interfaces, and which interface carries one out.

use crate::interface::Steps;
use crate::registry::NodeInterfaces;
use crate::{HardwareError, StepOutcome, TaskView};
use ferric_model::hardware::InterfaceKind;
use ferric_model::node::Node;
use ferric_model::step::{Step, StepKind, StepOrigin};

impl NodeInterfaces {
    /// Every step of this kind that the conductor can carry out on `node`, in no particular order.
    pub fn steps(&self, kind: StepKind, node: &Node) -> Vec<Step> {
        let mut steps = self.deploy.steps(kind, node);
        let owners = InterfaceKind::ALL.into_iter().filter_map(|owner| self.owner(owner));
        steps.extend(owners.flat_map(|owner| owner.steps(kind, node)));
        steps
    }

    /// Whether a step of the conductor has the arguments that it takes.
    ///
    /// **Errors**: `InvalidParameter`.
    pub fn check_args(&self, step: &Step) -> Result<(), HardwareError> {
        let Some(owner) = self.owner_of(step) else { return Ok(()) };
        let known = owner.step_args(&step.step);
        let stranger = step.args.keys().find(|name| !known.iter().any(|arg| arg.name == *name));
        if let Some(stranger) = stranger {
            return Err(HardwareError::invalid(
                format!("the step {} takes no argument '{stranger}'", step.label()),
                "leave the argument out, or correct its name",
            ));
        }
        match known.iter().find(|arg| arg.required && !step.args.contains_key(arg.name)) {
            None => Ok(()),
            Some(arg) => Err(HardwareError::invalid(
                format!("the step {} needs the argument '{}'", step.label(), arg.name),
                format!("give it: {}", arg.description),
            )),
        }
    }

    /// Begins a step, of the conductor or of the agent.
    ///
    /// **Errors**: what the interface says that has the step.
    pub async fn execute(
        &self,
        task: &TaskView,
        kind: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        match self.owner_of(step) {
            Some(owner) => owner.execute_step(task, self, kind, step).await,
            None => self.deploy.execute(task, self, kind, step).await,
        }
    }

    /// Looks after a step that was begun.
    ///
    /// **Errors**: as [`Self::execute`].
    pub async fn resume(
        &self,
        task: &TaskView,
        kind: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        match self.owner_of(step) {
            Some(owner) => owner.resume_step(task, self, kind, step).await,
            None => self.deploy.resume(task, self, kind, step).await,
        }
    }

    /// The interface that has the step; none for those of the deploy interface, which also hands steps to the agent.
    fn owner_of(&self, step: &Step) -> Option<&dyn Steps> {
        if step.origin == StepOrigin::Agent { None } else { self.owner(step.interface) }
    }

    fn owner(&self, kind: InterfaceKind) -> Option<&dyn Steps> {
        match kind {
            InterfaceKind::Bios => Some(&*self.bios),
            InterfaceKind::Firmware => Some(&*self.firmware),
            InterfaceKind::Management => Some(&*self.management),
            InterfaceKind::Raid => Some(&*self.raid),
            InterfaceKind::Vendor => Some(&*self.vendor),
            _ => None,
        }
    }
}
