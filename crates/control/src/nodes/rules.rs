//! Rules about single fields of nodes that creating and patching share.

use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::policy::Rule;
use ferric_db::{Conflict, DbError};
use ferric_model::node::Node;
use ferric_model::resource_name::{RESERVED, is_logical_name};

/// Refuses a name that a node may not carry; `refusal` is the text for one that is no name at all.
///
/// **Errors**: `Invalid`.
pub(super) fn name(name: &str, refusal: impl FnOnce(&str) -> String) -> Result<(), ControlError> {
    if !is_logical_name(name) {
        return Err(ControlError::Invalid(refusal(name)));
    }
    if RESERVED.contains(&name) {
        return Err(ControlError::Invalid(format!(
            "The word \"{name}\" is reserved and can not be used as a node name. Reserved words are: {}.",
            RESERVED.join(", ")
        )));
    }
    Ok(())
}

/// Finds the node that is to contain `owner`'s node.
///
/// **Errors**: `Invalid`, in the same words whether there is no such node, the caller may not know of it, or it belongs
/// to somebody else.
pub(super) async fn parent(
    control: &Control,
    context: &RequestContext,
    ident: &str,
    owner: Option<&str>,
) -> Result<Node, ControlError> {
    let refused = || {
        let text =
            format!("Unable to apply the requested parent_node '{ident}'. Requested value was invalid.");
        ControlError::Invalid(text)
    };
    match control.node_for(context, ident, Rule::NodeGet).await {
        Ok(node) if node.owner.as_deref() == owner => Ok(node),
        Ok(_) | Err(ControlError::NotFound(_) | ControlError::Forbidden(_)) => Err(refused()),
        Err(error) => Err(error),
    }
}

/// Says which of the node's identities is taken, or that its chassis does not exist.
pub(crate) fn taken(error: ControlError, node: &Node) -> ControlError {
    let ControlError::Database(DbError::Conflict { constraint }) = &error else { return error };
    if let (Conflict::ChassisGone, Some(chassis)) = (constraint, node.chassis_uuid) {
        return ControlError::Invalid(format!("Chassis {chassis} could not be found."));
    }
    let text = match (constraint, &node.name, node.instance_uuid) {
        (Conflict::NodeUuid, _, _) => format!("A node with UUID {} already exists.", node.uuid),
        (Conflict::NodeName, Some(name), _) => format!("A node with name {name} already exists."),
        (Conflict::InstanceUuid, _, Some(instance)) => format!(
            "Instance {instance} is already associated with a node, it cannot be associated with this other node {}",
            node.uuid
        ),
        _ => return error,
    };
    ControlError::Conflict(text)
}
