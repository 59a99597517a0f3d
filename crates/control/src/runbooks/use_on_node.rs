//! Using a runbook: whether a caller may run it on a node.
//!
//! Source: `contract: rest-api` section 4.2, "runbook".

use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::policy::{Rule, Target};
use ferric_model::node::Node;
use ferric_model::runbook::Runbook;

impl Control {
    /// The runbook, if the caller may use it and it was approved for the node: by a trait that both have, or, for
    /// dialects that know no traits of runbooks, by a trait of the node that is the runbook's name.
    ///
    /// **Errors**: `NotFound`, `Forbidden`, `Invalid` when it was not approved for the node.
    pub async fn runbook_for(
        &self,
        context: &RequestContext,
        ident: &str,
        node: &Node,
        by_name: bool,
    ) -> Result<Runbook, ControlError> {
        let runbook = self.read_runbook(ident).await?;
        self.authorize(context, Rule::RunbookUse, Target::runbook(runbook.owner.as_deref()))?;
        check_approved(&runbook, node, by_name)?;
        let (owner, steps) = (runbook.owner.as_deref(), runbook.ordered_steps());
        self.authorize_runbook_steps(context, owner, runbook.public, &steps, node)?;
        Ok(runbook)
    }
}

/// Refuses a runbook that nobody approved for the node.
///
/// **Errors**: `Invalid`.
pub(crate) fn check_approved(runbook: &Runbook, node: &Node, by_name: bool) -> Result<(), ControlError> {
    let text = if by_name {
        if node.traits.contains(&runbook.name) {
            return Ok(());
        }
        format!(
            "This runbook has not been approved for use on this node {}. Please ask an administrator to add it to your \
             node traits.",
            node.uuid
        )
    } else if runbook.traits.is_empty() {
        format!(
            "Runbook {} has no traits configured. Please ask an administrator to add traits to the runbook.",
            runbook.uuid
        )
    } else if runbook.traits.iter().any(|name| node.traits.contains(name)) {
        return Ok(());
    } else {
        let traits: Vec<String> = runbook.traits.iter().map(|name| format!("'{name}'")).collect();
        format!(
            "This runbook has not been approved for use on this node {}. The node does not have any of the runbook's \
             traits [{}]. Please ask an administrator to add a matching trait to your node.",
            node.uuid,
            traits.join(", ")
        )
    };
    Err(ControlError::Invalid(text))
}
