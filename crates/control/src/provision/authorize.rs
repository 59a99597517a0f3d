//! What rules the steps of a request ask.

use super::ProvisionRequest;
use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::policy::{Rule, Target};
use ferric_model::node::Node;
use ferric_model::step::Step;

impl Control {
    /// Refuses steps that the caller may not run on `node`; those of a runbook were judged with it.
    ///
    /// **Errors**: `Forbidden`.
    pub(super) fn authorize_requested_steps(
        &self,
        context: &RequestContext,
        request: &ProvisionRequest,
        node: &Node,
    ) -> Result<(), ControlError> {
        if request.by_runbook {
            return Ok(());
        }
        let target = Target::node(node);
        let clean = request.clean_steps.as_deref().unwrap_or_default();
        let service = request.service_steps.as_deref().unwrap_or_default();
        let deploy = request.deploy_steps.as_deref().unwrap_or_default();
        if !clean.is_empty() {
            self.authorize(context, Rule::NodeSetProvisionStateCleanSteps, target)?;
        }
        if !service.is_empty() {
            self.authorize(context, Rule::NodeSetProvisionStateServiceSteps, target)?;
        }
        let steps: Vec<Step> = deploy.iter().chain(clean).chain(service).cloned().collect();
        self.authorize_steps(context, &steps, target)
    }
}
