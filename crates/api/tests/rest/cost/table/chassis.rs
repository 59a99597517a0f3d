//! Chassis.

use super::{NOTHING, READ, READS, Row, Step, Until, WRITE, row};

const CHASSIS: &[Step] = &[Step {
    method: "POST",
    path: "/v1/chassis",
    body: r#"{"description": "rack"}"#,
    save: Some(("chassis", "/uuid")),
    until: Until::Answered,
}];
const INSIDE: &[Step] = &[Step {
    method: "POST",
    path: "/v1/nodes",
    body: r#"{"driver": "fake-hardware", "chassis_uuid": "<chassis>"}"#,
    save: Some(("node", "/uuid")),
    until: Until::Answered,
}];

pub static ROWS: &[Row] = &[
    row("GET chassis", "summary", "/v1/chassis", READ).after(&[CHASSIS]),
    row("GET chassis", "nothing behind the marker", "/v1/chassis?marker=<chassis>", READS).after(&[CHASSIS]),
    row("POST chassis", "create", "/v1/chassis", WRITE).body("{}").answers(201),
    row("PATCH chassis", "refused", "/v1/chassis", NOTHING).answers(400),
    row("DELETE chassis", "refused", "/v1/chassis", NOTHING).answers(400),
    row("GET chassis/detail", "detail", "/v1/chassis/detail", READ),
    row("GET chassis/nodes", "refused", "/v1/chassis/nodes", NOTHING).answers(400),
    row("GET chassis/{chassis}", "show", "/v1/chassis/<chassis>", READ).after(&[CHASSIS]),
    row("PATCH chassis/{chassis}", "change", "/v1/chassis/<chassis>", WRITE)
        .body(r#"[{"op": "replace", "path": "/description", "value": "shelf"}]"#)
        .after(&[CHASSIS]),
    row("PATCH chassis/{chassis}", "no change", "/v1/chassis/<chassis>", READ)
        .body(r#"[{"op": "replace", "path": "/description", "value": "rack"}]"#)
        .after(&[CHASSIS]),
    row("DELETE chassis/{chassis}", "delete", "/v1/chassis/<chassis>", WRITE).answers(204).after(&[CHASSIS]),
    row("GET chassis/{chassis}/nodes", "not shown before", "/v1/chassis/<chassis>/nodes", READS)
        .after(&[CHASSIS, INSIDE]),
    row("GET chassis/{chassis}/nodes", "empty", "/v1/chassis/<chassis>/nodes", READS).after(&[CHASSIS]),
    row(
        "GET chassis/{chassis}/nodes/detail",
        "not shown before",
        "/v1/chassis/<chassis>/nodes/detail",
        READS,
    )
    .after(&[CHASSIS, INSIDE]),
    row("POST chassis/{chassis}/nodes", "refused", "/v1/chassis/x/nodes", NOTHING).answers(400),
    row("GET chassis/{chassis}/nodes/{node}", "refused", "/v1/chassis/x/nodes/y", NOTHING).answers(400),
    row("PATCH chassis/{chassis}/nodes/{node}", "refused", "/v1/chassis/x/nodes/y", NOTHING).answers(400),
    row("DELETE chassis/{chassis}/nodes/{node}", "refused", "/v1/chassis/x/nodes/y", NOTHING).answers(400),
];
