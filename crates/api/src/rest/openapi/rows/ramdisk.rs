//! What ramdisks call.

use super::super::part::{Part, some_of};
use super::super::row::{Row, accepted, empty, get, post, shown};
use crate::rest::fields::node::{FIELDS, LOOKUP};
use crate::rest::ramdisk::{INSPECTION_DATA, STATUSES};
use serde_json::{Value, json};

static FOUND: Part = Part::new("Lookup", found);
static INSPECTED: Part = Part::new("Inspected", || {
    let uuid = json!({
        "type": "object",
        "description": "What ramdisks are told that name no microversion.",
        "properties": {"uuid": {"type": "string", "format": "uuid"}},
        "required": ["uuid"],
        "additionalProperties": false,
    });
    json!({"anyOf": [found(), uuid]})
});
static DATA: Part = Part::new("InspectionData", || INSPECTION_DATA.to_json_schema());

fn found() -> Value {
    let mut node = some_of(&FIELDS, &LOOKUP);
    // Links are shown whatever is asked for.
    node["properties"]["links"] = json!({"type": "array"});
    json!({
        "type": "object",
        "properties": {"node": node, "config": {"type": "object"}},
        "required": ["node", "config"],
        "additionalProperties": false,
    })
}

pub(super) const ROWS: &[Row] = &[
    get("lookup", "Tells a ramdisk which node it runs on", shown(&FOUND)),
    post("heartbeat/{ident}", "Says that the agent of a node lives", empty(202))
        .finer(&[("agent_status", || json!({"type": "string", "enum": STATUSES}))]),
    post("heartbeat", "Says that the agent of a node lives, which the body names", empty(202))
        .finer(&[("agent_status", || json!({"type": "string", "enum": STATUSES}))]),
    post("continue_inspection", "Hands in what a ramdisk found", accepted(&INSPECTED)).takes(&DATA),
];
