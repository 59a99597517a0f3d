//! Allocations.

use super::{NODE, NOTHING, READ, READS, READS_AND_WRITE, Row, Step, Until, WRITE, row};

/// One that has no node, and that nobody looks for a node for.
const ALLOCATION: &[Step] = &[Step {
    method: "POST",
    path: "/v1/allocations",
    body: r#"{"name": "a<count>", "resource_class": "c"}"#,
    save: Some(("allocation", "/uuid")),
    until: Until::Answered,
}];

const ALL: &str = "/v1/allocations";
const ONE: &str = "/v1/allocations/<allocation>";
const OF_NODE: &str = "/v1/nodes/<node>/allocation";

pub static ROWS: &[Row] = &[
    row("GET allocations", "all", ALL, READ).after(&[ALLOCATION]),
    row(
        "GET allocations",
        "by state, class and owner",
        "/v1/allocations?state=error&resource_class=c&owner=p",
        READ,
    )
    .after(&[ALLOCATION]),
    row("GET allocations", "by node", "/v1/allocations?node=<node>", READS).after(&[NODE, ALLOCATION]),
    row("GET allocations", "nothing behind the marker", "/v1/allocations?marker=<allocation>", READS)
        .after(&[ALLOCATION]),
    row("POST allocations", "create", ALL, WRITE).body(r#"{"resource_class": "c"}"#).answers(201),
    row("POST allocations", "create for named nodes", ALL, WRITE)
        .body(r#"{"resource_class": "c", "candidate_nodes": ["<node>"]}"#)
        .answers(201)
        .after(&[NODE]),
    row("PATCH allocations", "refused", ALL, NOTHING).answers(400),
    row("DELETE allocations", "refused", ALL, NOTHING).answers(400),
    row("GET allocations/{allocation}", "show", ONE, READ).after(&[ALLOCATION]),
    row("PATCH allocations/{allocation}", "change", ONE, WRITE)
        .body(r#"[{"op": "add", "path": "/extra/a", "value": 1}]"#)
        .after(&[ALLOCATION]),
    row("PATCH allocations/{allocation}", "no change", ONE, READ)
        .body(r#"[{"op": "add", "path": "/extra", "value": {}}]"#)
        .after(&[ALLOCATION]),
    row("DELETE allocations/{allocation}", "delete", ONE, WRITE).answers(204).after(&[ALLOCATION]),
    row("GET nodes/{node}/allocation", "none", OF_NODE, READS).answers(404).after(&[NODE]),
    row("DELETE nodes/{node}/allocation", "none", OF_NODE, READS_AND_WRITE).answers(404).after(&[NODE]),
];
