//! Rules for single steps, which exist only in policy files.
//!
//! Source: `contract: rbac` section 2, "Provision steps" and "Runbook use".

use super::Target;
use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use ferric_model::node::Node;
use ferric_model::step::Step;

impl Control {
    /// Refuses steps for which the operator has a rule `baremetal:step:execute:<interface>.<step>` that does not let the
    /// caller; steps without such a rule are for everybody. `target` is the node, or nothing when a runbook is written.
    ///
    /// **Errors**: `Forbidden`, naming each.
    pub fn authorize_steps(
        &self,
        context: &RequestContext,
        steps: &[Step],
        target: Target<'_>,
    ) -> Result<(), ControlError> {
        let refused = |step: &&Step| {
            let rule = format!("baremetal:step:execute:{}.{}", step.interface, step.step);
            self.policy().judge_named(&context.actor, &rule).is_some_and(|verdict| !verdict.holds(&target))
        };
        let refused: Vec<String> = steps
            .iter()
            .filter(refused)
            .map(|step| {
                format!(
                    "insufficient privileges to execute step {} on interface {}",
                    step.step, step.interface
                )
            })
            .collect();
        if refused.is_empty() { Ok(()) } else { Err(ControlError::Forbidden(refused.join("; "))) }
    }

    /// The same for the steps of a runbook that is to run on `node`: a runbook of no project, or a public one, was approved
    /// by whoever made it so.
    ///
    /// **Errors**: `Forbidden`.
    pub fn authorize_runbook_steps(
        &self,
        context: &RequestContext,
        owner: Option<&str>,
        public: bool,
        steps: &[Step],
        node: &Node,
    ) -> Result<(), ControlError> {
        if owner.is_none() || public {
            return Ok(());
        }
        self.authorize_steps(context, steps, Target::node(node))
    }
}
