//! Shards and events.

use super::super::part::Part;
use super::super::row::{Row, empty, get, post, shown};
use crate::rest::events::EVENTS;
use serde_json::json;

static SHARDS: Part = Part::new("Shards", || {
    let shard =
        json!({"type": "object", "properties": {"name": {"type": "string"}, "count": {"type": "integer"}}});
    json!({"type": "object", "properties": {"shards": {"type": "array", "items": shard}}, "required": ["shards"]})
});
static TOLD: Part = Part::new("Events", || EVENTS.to_json_schema());

pub(super) const ROWS: &[Row] = &[
    get("shards", "Counts the nodes of each shard", shown(&SHARDS)),
    post("events", "Takes note of events of other services", empty(204)).takes(&TOLD),
];
