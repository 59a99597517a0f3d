//! Whether a node that has an instance already can be given to an allocation.
//!
//! Source: `contract: conductor` section 5.

use crate::commit::check_unlocked;
use crate::error::ControlError;
use ferric_model::allocation::Allocation;
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Node;

/// Refuses a node that does not fit.
pub(super) fn check(node: &Node, allocation: &Allocation) -> Result<(), ControlError> {
    check_unlocked(node)?;
    let faults = faults(node, allocation);
    if !faults.is_empty() {
        return Err(ControlError::Conflict(format!(
            "Failed to process allocation {}: Cannot backfill an allocation for node {}: {}.",
            allocation.uuid,
            node.uuid,
            faults.join("; ")
        )));
    }
    match node.instance_uuid.filter(|instance| *instance != allocation.uuid) {
        Some(instance) => {
            Err(ControlError::Conflict(format!("Node {} is associated with instance {instance}.", node.uuid)))
        }
        None => Ok(()),
    }
}

fn faults(node: &Node, allocation: &Allocation) -> Vec<String> {
    let mut faults = Vec::new();
    if node.state() != ProvisionState::Active {
        faults.push(format!(
            "Node must be in the \"active\" state, but the current state is \"{}\"",
            node.state()
        ));
    }
    if let Some(wanted) = allocation.resource_class.as_ref().filter(|_| !has_class(node, allocation)) {
        let present = node.resource_class.as_deref().unwrap_or("None");
        faults.push(format!("Resource class {present} does not match the requested resource class {wanted}"));
    }
    if !allocation.traits.iter().all(|name| node.traits.contains(name)) {
        faults.push(format!(
            "List of traits {} does not match the requested traits {}",
            node.traits.join(", "),
            allocation.traits.join(", ")
        ));
    }
    if !allocation.candidate_nodes.is_empty() && !allocation.candidate_nodes.contains(&node.uuid) {
        let named: Vec<String> = allocation.candidate_nodes.iter().map(ToString::to_string).collect();
        faults.push(format!(
            "Candidate nodes must be empty or contain the target node, but got {}",
            named.join(", ")
        ));
    }
    faults
}

fn has_class(node: &Node, allocation: &Allocation) -> bool {
    node.resource_class == allocation.resource_class
}
