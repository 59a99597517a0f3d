//! Nodes and what lies below them.

use super::super::part::{Part, resource};
use super::super::row::{Row, created, delete, empty, events, get, page, patch, post, put, refused, shown};
use crate::rest::fields::shapes::{LINK, OBJECT_OR_NULL, TEXT, TEXT_OR_NULL, TEXTS};
use crate::rest::fields::{failure, history, node};
use crate::rest::nodes::VIF;
use crate::rest::route::Method::{Delete, Patch};
use ferric_control::NewNode;
use ferric_model::hardware::InterfaceKind;
use ferric_model::json_patch;
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Fault;
use ferric_model::schema::{JsonType as T, Schema};
use ferric_model::traits;
use serde_json::{Map, Value, json};

pub(super) static NODE: Part = Part::new("Node", || resource(&node::FIELDS));
static NEW_NODE: Part = Part::new("NewNode", || NewNode::SHAPE.to_json_schema());
/// What every resource is changed by.
pub(super) static PATCH: Part = Part::new("Patch", || json_patch::PATCH.to_json_schema());
static ENTRY: Part = Part::new("HistoryEntry", || resource(&history::FIELDS));
static TRACE: Part = Part::new("HistoryTrace", || resource(&failure::TRACE));
/// All traits of something.
pub(super) static TRAITS: Part = Part::new("Traits", || traits::TRAITS.to_json_schema());
static NEW_VIF: Part = Part::new("NewVif", || {
    const WISHED: Schema = Schema {
        properties: &[("id", TEXT), ("port_uuid", TEXT_OR_NULL), ("portgroup_uuid", TEXT_OR_NULL)],
        ..VIF
    };
    WISHED.to_json_schema()
});
static VALIDATION: Part = Part::new("Validation", || {
    let verdict = json!({
        "type": "object",
        "properties": {"result": {"type": "boolean"}, "reason": {"type": "string"}},
        "required": ["result"],
        "additionalProperties": false,
    });
    let kinds: Map<String, Value> =
        InterfaceKind::ALL.iter().map(|kind| (kind.to_string(), verdict.clone())).collect();
    json!({"type": "object", "properties": kinds, "additionalProperties": false})
});

/// An answer that handlers write by hand: an object with these members and no others.
macro_rules! object {
    ($($member:literal: $shape:expr),*) => {
{
        const SHAPE: Schema = Schema {
            properties: &[$(($member, $shape)),*],
            required: &[$($member),*],
            closed: true,
            ..Schema::of(&[T::Object])
        };
        SHAPE.to_json_schema()
    }
    };
}

static VIFS: Part = Part::new("Vifs", || {
    const VIF: Schema =
        Schema { properties: &[("id", TEXT)], required: &["id"], closed: true, ..Schema::of(&[T::Object]) };
    object!("vifs": Schema { items: Some(&VIF), ..Schema::of(&[T::Array]) })
});
static INVENTORY: Part =
    Part::new("Inventory", || object!("inventory": OBJECT_OR_NULL, "plugin_data": OBJECT_OR_NULL));
static CHILDREN: Part = Part::new("Children", || object!("children": TEXTS, "links": LINK));

fn states() -> Value {
    json!({"type": "string", "enum": ProvisionState::all().map(ProvisionState::as_str).collect::<Vec<_>>()})
}

fn faults() -> Value {
    json!({"type": "string", "enum": Fault::ALL.map(Fault::as_str)})
}

pub(super) const ROWS: &[Row] = &[
    get("nodes", "Lists nodes", page("nodes", &NODE))
        .finer(&[("provision_state", states), ("fault", faults)]),
    post("nodes", "Creates a node", created(&NODE)).takes(&NEW_NODE),
    get("watch/nodes", "Tells how nodes change", events()),
    refused(Patch, "nodes"),
    refused(Delete, "nodes"),
    get("nodes/detail", "Lists nodes with all fields", page("nodes", &NODE))
        .finer(&[("provision_state", states), ("fault", faults)]),
    get("nodes/validate", "Says whether interfaces have what they need", shown(&VALIDATION)),
    get("nodes/{node}", "Shows a node", shown(&NODE)),
    patch("nodes/{node}", "Changes a node", shown(&NODE)).takes(&PATCH),
    delete("nodes/{node}", "Deletes a node", empty(204)),
    get("nodes/{node}/validate", "Says whether interfaces have what they need", shown(&VALIDATION)),
    get("nodes/{node}/traits", "Lists the traits of a node", shown(&TRAITS)),
    put("nodes/{node}/traits", "Replaces the traits of a node", empty(204)).takes(&TRAITS),
    delete("nodes/{node}/traits", "Removes all traits of a node", empty(204)),
    put("nodes/{node}/traits/{trait}", "Adds a trait to a node", empty(204)),
    delete("nodes/{node}/traits/{trait}", "Removes a trait of a node", empty(204)),
    get("nodes/{node}/vifs", "Lists the virtual interfaces of a node", shown(&VIFS)),
    post("nodes/{node}/vifs", "Attaches a virtual interface", empty(204)).takes(&NEW_VIF),
    refused(Delete, "nodes/{node}/vifs"),
    delete("nodes/{node}/vifs/{vif}", "Detaches a virtual interface", empty(204)),
    get("nodes/{node}/history", "Lists what happened to a node", page("history", &ENTRY)),
    get("nodes/{node}/history/{entry}", "Shows what happened to a node", shown(&ENTRY)),
    get("nodes/{node}/history/{entry}/trace", "Shows what a failure says to programs", shown(&TRACE)),
    get("nodes/{node}/inventory", "Shows what inspection found", shown(&INVENTORY)),
    get("nodes/{node}/children", "Lists the nodes that a node contains", shown(&CHILDREN)),
    get("nodes/{node}/{field}", "Shows one field of a node", shown(&NODE)),
    refused(Delete, "nodes/{node}/{rest}"),
];
