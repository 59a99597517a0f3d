//! What each verb demands of the node beyond the state machine.

use super::ProvisionRequest;
use crate::error::ControlError;
use ferric_model::lifecycle::Verb;
use ferric_model::node::Node;
use ferric_model::step::RESERVED_STEPS;

/// Verbs that need a node out of maintenance.
const REFUSED_IN_MAINTENANCE: [Verb; 7] =
    [Verb::Active, Verb::Deploy, Verb::Rebuild, Verb::Clean, Verb::Rescue, Verb::Unrescue, Verb::Service];

/// Verbs that a protected node refuses.
const REFUSED_WHEN_PROTECTED: [Verb; 3] = [Verb::Rebuild, Verb::Deleted, Verb::Undeploy];

/// Refuses verbs that a node in maintenance must not be given.
pub(super) fn maintenance(verb: Verb, node: &Node) -> Result<(), ControlError> {
    if node.maintenance && REFUSED_IN_MAINTENANCE.contains(&verb) {
        return Err(ControlError::Invalid(format!(
            "The {} operation can't be performed on node {} because it's in maintenance mode.",
            verb.as_str(),
            node.uuid
        )));
    }
    Ok(())
}

/// The checks of each verb.
pub(super) fn verb(request: &ProvisionRequest, node: &Node) -> Result<(), ControlError> {
    let verb = request.verb;
    if node.spec.protected && REFUSED_WHEN_PROTECTED.contains(&verb) {
        return Err(ControlError::Forbidden(format!(
            "Node {} is protected and cannot be undeployed, rebuilt or deleted",
            node.uuid
        )));
    }
    if node.retired && verb == Verb::Provide {
        return Err(ControlError::Invalid(format!(
            "The provide operation can't be performed on node {} because it is retired.",
            node.uuid
        )));
    }
    if verb == Verb::Clean {
        let steps = request.clean_steps.as_deref().unwrap_or_default();
        if steps.is_empty() {
            return Err(ControlError::Invalid(
                "clean_steps is required when setting target provision state to clean".into(),
            ));
        }
        if let Some(step) = steps.iter().find(|step| step.step == "wait") {
            return Err(ControlError::Invalid(format!(
                "The reserved step \"{}\" is not available in this version; available are {}.",
                step.step,
                RESERVED_STEPS.iter().filter(|name| **name != "wait").copied().collect::<Vec<_>>().join(", ")
            )));
        }
    }
    Ok(())
}
