//! Shards and events.

use super::{NOTHING, READ, Row, row};

pub static ROWS: &[Row] = &[
    row("GET shards", "list", "/v1/shards", READ),
    row("POST events", "told", "/v1/events", NOTHING).body(r#"{"events": []}"#).answers(204),
];
