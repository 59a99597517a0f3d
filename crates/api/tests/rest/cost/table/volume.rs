//! Volume connectors and targets.

use super::{NODE, NOTHING, READ, READS, READS_AND_WRITE, Row, Step, Until, WRITE, row};

const CONNECTOR: &[Step] = &[Step {
    method: "POST",
    path: "/v1/volume/connectors",
    body: r#"{"node_uuid": "<node>", "type": "iqn", "connector_id": "iqn-<count>"}"#,
    save: Some(("connector", "/uuid")),
    until: Until::Answered,
}];
const TARGET: &[Step] = &[Step {
    method: "POST",
    path: "/v1/volume/targets",
    body: r#"{"node_uuid": "<node>", "volume_type": "iscsi", "volume_id": "v", "boot_index": 0}"#,
    save: Some(("target", "/uuid")),
    until: Until::Answered,
}];

pub static ROWS: &[Row] = &[
    row("GET volume", "show", "/v1/volume", NOTHING),
    row("GET nodes/{node}/volume", "show", "/v1/nodes/<node>/volume", READ).after(&[NODE]),
    row("GET volume/connectors", "of a node", "/v1/volume/connectors?node=<node>", READS)
        .after(&[NODE, CONNECTOR]),
    row("GET volume/connectors", "summary", "/v1/volume/connectors", READ).after(&[NODE, CONNECTOR]),
    row("POST volume/connectors", "create", "/v1/volume/connectors", WRITE)
        .body(r#"{"node_uuid": "<node>", "type": "ip", "connector_id": "ip-<count>"}"#)
        .answers(201)
        .after(&[NODE]),
    row("GET volume/connectors/{connector}", "show", "/v1/volume/connectors/<connector>", READ)
        .after(&[NODE, CONNECTOR]),
    row("PATCH volume/connectors/{connector}", "refused", "/v1/volume/connectors/<connector>", READS)
        .body(r#"[{"op": "replace", "path": "/connector_id", "value": "x"}]"#)
        .answers(400)
        .after(&[NODE, CONNECTOR]),
    row(
        "DELETE volume/connectors/{connector}",
        "delete",
        "/v1/volume/connectors/<connector>",
        READS_AND_WRITE,
    )
    .answers(204)
    .after(&[NODE, CONNECTOR]),
    row("GET nodes/{node}/volume/connectors", "summary", "/v1/nodes/<node>/volume/connectors", READS)
        .after(&[NODE, CONNECTOR]),
    row("GET nodes/{node}/volume/connectors", "empty", "/v1/nodes/<node>/volume/connectors", READS)
        .after(&[NODE]),
    row("GET volume/targets", "detail", "/v1/volume/targets?detail=true", READ).after(&[NODE, TARGET]),
    row("POST volume/targets", "create", "/v1/volume/targets", WRITE)
        .body(r#"{"node_uuid": "<node>", "volume_type": "iscsi", "volume_id": "v", "boot_index": 1}"#)
        .answers(201)
        .after(&[NODE]),
    row("GET volume/targets/{target}", "show", "/v1/volume/targets/<target>", READ).after(&[NODE, TARGET]),
    row("PATCH volume/targets/{target}", "refused", "/v1/volume/targets/<target>", READS)
        .body(r#"[{"op": "replace", "path": "/volume_id", "value": "x"}]"#)
        .answers(400)
        .after(&[NODE, TARGET]),
    row("DELETE volume/targets/{target}", "delete", "/v1/volume/targets/<target>", READS_AND_WRITE)
        .answers(204)
        .after(&[NODE, TARGET]),
    row("GET nodes/{node}/volume/targets", "summary", "/v1/nodes/<node>/volume/targets", READS)
        .after(&[NODE, TARGET]),
];
