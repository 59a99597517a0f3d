//! Applying what a conductor saw to the node.

use crate::commit::new_id;
use ferric_model::JsonMap;
use ferric_model::merge::merge;
use ferric_model::node::Node;
use ferric_model::port::{Port, PortDetail, normalize_mac};
use ferric_model::report::{Observed, ObservedPort};
use ferric_model::step::StepKind;
use time::OffsetDateTime;

/// Applies observations to the node's documents.
pub(crate) fn observe(node: &mut Node, observed: &Observed) {
    if let Some(state) = observed.power_state {
        node.power_state = Some(state);
    }
    if let Some(step) = &observed.step {
        clear_steps(node);
        if let Some((kind, step)) = step {
            *step_slot(node, *kind) = step.document();
        }
    }
    merge(&mut node.status.driver_internal_info, &observed.driver_internal_info);
    merge(&mut node.spec.properties, &observed.properties);
    merge(&mut node.spec.instance_info, &observed.instance_info);
    let status = &mut node.status;
    if observed.boot_mode.is_some() {
        status.boot_mode.clone_from(&observed.boot_mode);
    }
    status.secure_boot = observed.secure_boot.or(status.secure_boot);
    status.console_enabled = observed.console_enabled.unwrap_or(status.console_enabled);
    if let Some(found) = &observed.raid_config {
        status.raid_config.clone_from(found);
    }
    if observed.health.is_some() {
        status.health.clone_from(&observed.health);
    }
}

/// The ports among `found` that the node does not have yet.
pub(crate) fn missing_ports(
    node: &Node,
    present: &[Port],
    found: &[ObservedPort],
    now: OffsetDateTime,
) -> Vec<Port> {
    let mut missing: Vec<Port> = Vec::new();
    for port in found {
        let Some(address) = normalize_mac(&port.address) else { continue };
        if present.iter().chain(&missing).any(|known| known.address == address) {
            continue;
        }
        missing.push(Port {
            id: 0,
            uuid: new_id(),
            node_uuid: node.uuid,
            address,
            name: None,
            portgroup_uuid: None,
            pxe_enabled: port.pxe_enabled,
            physical_network: None,
            detail: PortDetail::default(),
            created_at: Some(now),
            updated_at: None,
        });
    }
    missing
}

/// Forgets which step runs.
pub(crate) fn clear_steps(node: &mut Node) {
    for kind in [StepKind::Clean, StepKind::Deploy, StepKind::Service] {
        *step_slot(node, kind) = JsonMap::new();
    }
}

fn step_slot(node: &mut Node, kind: StepKind) -> &mut JsonMap {
    match kind {
        StepKind::Clean | StepKind::Verify => &mut node.status.clean_step,
        StepKind::Deploy => &mut node.status.deploy_step,
        StepKind::Service => &mut node.status.service_step,
    }
}
