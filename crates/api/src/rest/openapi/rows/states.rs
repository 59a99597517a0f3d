//! States of nodes and what changes them.

use super::super::part::{Part, some_of};
use super::super::row::{Row, delete, empty, get, put, shown};
use crate::rest::fields::node::{FIELDS, STATES};
use ferric_control::{CLEAN_STEPS, CONFIGDRIVE, DEPLOY_STEPS};
use ferric_model::lifecycle::Verb;
use ferric_model::power::PowerTarget;
use serde_json::{Value, json};

static NODE_STATES: Part = Part::new("NodeStates", || some_of(&FIELDS, &STATES));

fn verbs() -> Value {
    json!({"type": "string", "enum": Verb::all().map(Verb::as_str).collect::<Vec<_>>()})
}

fn powers() -> Value {
    json!({"type": "string", "enum": PowerTarget::ALL.map(PowerTarget::as_str)})
}

pub(super) const ROWS: &[Row] = &[
    get("nodes/{node}/states", "Shows the states of a node", shown(&NODE_STATES)),
    put("nodes/{node}/states/power", "Changes the power of a node", empty(202))
        .finer(&[("target", powers), ("timeout", || json!({"type": "integer", "minimum": 1}))]),
    put("nodes/{node}/states/provision", "Changes the provision state of a node", empty(202)).finer(&[
        ("target", verbs),
        ("configdrive", || CONFIGDRIVE.to_json_schema()),
        ("clean_steps", || CLEAN_STEPS.to_json_schema()),
        ("deploy_steps", || DEPLOY_STEPS.to_json_schema()),
    ]),
    put("nodes/{node}/maintenance", "Puts a node into maintenance", empty(202)),
    delete("nodes/{node}/maintenance", "Takes a node out of maintenance", empty(202)),
];
