//! Operations on many nodes.

use super::super::part::{Part, resource};
use super::super::row::{Row, accepted, delete, events, get, page, post, shown};
use crate::rest::bulk::STATES;
use crate::rest::fields::{operation, operation_item};
use ferric_control::NewBulk;
use serde_json::json;

static OPERATION: Part = Part::new("Operation", || resource(&operation::FIELDS));
static ITEM: Part = Part::new("OperationItem", || resource(&operation_item::FIELDS));
static NEW_OPERATION: Part = Part::new("NewOperation", || NewBulk::SHAPE.to_json_schema());

pub(super) const ROWS: &[Row] = &[
    get("bulk", "Lists operations", page("operations", &OPERATION)),
    post("bulk", "Begins an operation on many nodes", accepted(&OPERATION)).takes(&NEW_OPERATION),
    get("bulk/{operation}", "Shows an operation", shown(&OPERATION)),
    delete("bulk/{operation}", "Cancels what an operation has not begun", accepted(&OPERATION)),
    get("bulk/{operation}/items", "Lists the items of an operation", page("items", &ITEM))
        .finer(&[("state", || json!({"type": "string", "enum": STATES}))]),
    get("bulk/{operation}/stream", "Tells how an operation goes on", events()),
];
