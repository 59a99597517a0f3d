//! Operations on many nodes. What their items cost is no part of the request.

use super::{NODE, READS, Row, Step, Until, WRITE, row};

/// One that nobody visits.
const OPERATION: &[Step] = &[begun(r#"{"action": "power", "target": "power on", "nodes": ["a", "b"]}"#)];

/// One that had nothing to do.
const ENDED: &[Step] =
    &[begun(r#"{"action": "power", "target": "power on", "filter": {"resource_class": "none-such"}}"#)];

const ALL: &str = "/v1/bulk";
const ONE: &str = "/v1/bulk/<operation>";

const fn begun(body: &'static str) -> Step {
    Step { method: "POST", path: ALL, body, save: Some(("operation", "/uuid")), until: Until::Answered }
}

pub static ROWS: &[Row] = &[
    row("GET bulk", "all", ALL, READS).after(&[OPERATION]),
    row("GET bulk", "nothing behind the marker", "/v1/bulk?marker=<operation>", READS).after(&[OPERATION]),
    row("POST bulk", "nodes that are named", ALL, WRITE)
        .body(r#"{"action": "power", "target": "power on", "nodes": ["a", "b", "c"]}"#)
        .answers(202),
    row("POST bulk", "by a filter", ALL, WRITE)
        .body(r#"{"action": "power", "target": "power on", "filter": {"driver": "fake-hardware"}}"#)
        .answers(202)
        .after(&[NODE]),
    row("POST bulk", "new nodes", ALL, WRITE)
        .body(r#"{"action": "create", "documents": [{"driver": "fake-hardware"}, {"driver": "fake-hardware"}]}"#)
        .answers(202),
    row("GET bulk/{operation}", "show", ONE, READS).after(&[OPERATION]),
    row("GET bulk/{operation}/items", "failed ones", "/v1/bulk/<operation>/items?state=failed", READS)
        .after(&[OPERATION]),
    row("GET bulk/{operation}/stream", "of one that has ended", "/v1/bulk/<operation>/stream", READS).after(&[ENDED]),
    row("DELETE bulk/{operation}", "cancel", ONE, WRITE).answers(202).after(&[OPERATION]),
    row("DELETE bulk/{operation}", "ended before", ONE, WRITE).answers(409).after(&[ENDED]),
];
