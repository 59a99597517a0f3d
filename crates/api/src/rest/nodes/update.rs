//! Changing nodes.

use super::render::Renderer;
use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use crate::rest::fields::node::FIELDS;
use crate::rest::fields::select;
use crate::rest::patch;
use ferric_control::{PATCHABLE, UpdateNode};
use ferric_model::json_patch::{PatchOp, PatchOperation};
use ferric_model::node::NodeSheet;
use ferric_model::resource_name::is_hostname_safe;
use serde_json::Value;

/// Longest description.
const DESCRIPTION_MAX: usize = 4096;

/// `PATCH nodes/{node}`
pub(super) async fn patch(call: Call) -> Result<Answer, Fault> {
    let operations = ferric_model::json_patch::parse(&call.document)?;
    let reset_interfaces = call.args.bool("reset_interfaces");
    if reset_interfaces.is_some() && !call.speaks(45) {
        return Err(Fault::too_new());
    }
    let reset_interfaces = reset_interfaces.unwrap_or_default();
    ferric_model::json_patch::allow_only(&operations, &PATCHABLE)?;
    patch::check_versions(&operations, &FIELDS, call.version)?;
    if !call.speaks(25) && operations.iter().any(takes_out_of_chassis) {
        return Err(Fault::too_new());
    }
    if reset_interfaces && patch::values(&operations, "driver").next().is_none() {
        let text = "The reset_interfaces parameter can only be used when changing the node's driver.";
        return Err(Fault::invalid(text));
    }
    let description = patch::values(&operations, "description").next().and_then(Value::as_str);
    if description.is_some_and(|text| text.chars().count() > DESCRIPTION_MAX) {
        let text = format!("Cannot update node with description exceeding {DESCRIPTION_MAX} characters");
        return Err(Fault::invalid(text));
    }
    let ident = call.node_ident_with_suffix().await?;
    let old_names = !call.speaks(10);
    let refused = |name: &&str| old_names && !is_hostname_safe(name);
    if let Some(name) = patch::values(&operations, "name").filter_map(Value::as_str).find(refused) {
        return Err(Fault::invalid(format!("Node {ident}: Cannot change name to invalid name '{name}'")));
    }
    let update = UpdateNode { operations, reset_interfaces, refuse_while_inspecting: call.speaks(39) };
    let node = call.control().update_node(&call.context, &ident, &update).await?;
    let renderer = Renderer::new(&call, select(&FIELDS, call.version, None)).await?;
    let mut view = renderer.view(NodeSheet::of(&node)?)?;
    // Ironic answers while it still holds the node, and clients wait for the reservation to go: it names who held it.
    view.node.others.reservation.clone_from(&view.conductor);
    Ok(Answer::ok(renderer.write(&view)?))
}

/// Whether an operation leaves the node without a chassis.
fn takes_out_of_chassis(operation: &PatchOperation) -> bool {
    let empties = operation.op == PatchOp::Remove || operation.value.as_ref().is_some_and(Value::is_null);
    empties && operation.path == "/chassis_uuid"
}
