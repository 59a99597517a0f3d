//! What each verb demands of the node beyond the state machine.

use super::ProvisionRequest;
use crate::error::ControlError;
use crate::settings::ControlSettings;
use ferric_model::lifecycle::{ProvisionState, Verb};
use ferric_model::node::Node;

/// Verbs that need a node out of maintenance.
const REFUSED_IN_MAINTENANCE: [Verb; 7] =
    [Verb::Active, Verb::Deploy, Verb::Rebuild, Verb::Clean, Verb::Rescue, Verb::Unrescue, Verb::Service];

/// Verbs that a protected node refuses.
const REFUSED_WHEN_PROTECTED: [Verb; 3] = [Verb::Rebuild, Verb::Deleted, Verb::Undeploy];

/// Refuses verbs that a node in maintenance must not be given.
pub(super) fn maintenance(verb: Verb, node: &Node) -> Result<(), ControlError> {
    if node.maintenance && REFUSED_IN_MAINTENANCE.contains(&verb) {
        return Err(in_maintenance(verb, node));
    }
    Ok(())
}

fn in_maintenance(verb: Verb, node: &Node) -> ControlError {
    ControlError::Invalid(format!(
        "The {} operation can't be performed on node {} because it's in maintenance mode.",
        verb.as_str(),
        node.uuid
    ))
}

/// The checks of each verb.
pub(super) fn verb(
    request: &ProvisionRequest,
    node: &Node,
    settings: &ControlSettings,
) -> Result<(), ControlError> {
    let verb = request.verb;
    if verb == Verb::Abort && node.maintenance && node.state() == ProvisionState::ServiceFailed {
        return Err(ControlError::Conflict(format!(
            "The abort operation can't be performed on node {} because it's in maintenance mode: its instance would be \
             booted. Clear the maintenance first.",
            node.uuid
        )));
    }
    if verb == Verb::Provide && node.maintenance && !settings.allow_provisioning_in_maintenance {
        return Err(in_maintenance(verb, node));
    }
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
    }
    Ok(())
}
