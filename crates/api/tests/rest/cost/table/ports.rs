//! Ports.

use super::{NODE, NOTHING, PORT, READ, READS, Row, WRITE, row};

pub static ROWS: &[Row] = &[
    row("GET ports", "summary", "/v1/ports", READ).after(&[NODE, PORT]),
    row("GET ports", "of a node by UUID", "/v1/ports?node_uuid=<node>", READ).after(&[NODE, PORT]),
    row("GET ports", "of a node by name", "/v1/ports?node=node-<count>", READ).after(&[NODE, PORT]),
    row("GET ports", "of a node without ports", "/v1/ports?node=node-<count>", READS).after(&[NODE]),
    row("GET ports", "by address", "/v1/ports?address=<mac>", READ).after(&[NODE, PORT]),
    row("GET ports", "by shard", "/v1/ports?shard=a,b", READ),
    row("GET ports", "unknown marker", "/v1/ports?marker=<node>", READS).answers(404).after(&[NODE]),
    row("GET ports/detail", "detail", "/v1/ports/detail", READ),
    row("POST ports", "create", "/v1/ports", WRITE)
        .body(r#"{"node_uuid": "<node>", "address": "<mac>"}"#)
        .answers(201)
        .after(&[NODE]),
    row("PATCH ports", "refused", "/v1/ports", NOTHING).answers(400),
    row("DELETE ports", "refused", "/v1/ports", NOTHING).answers(400),
    row("GET ports/{port}", "show", "/v1/ports/<port>", READ).after(&[NODE, PORT]),
    row("PATCH ports/{port}", "change", "/v1/ports/<port>", WRITE)
        .body(r#"[{"op": "add", "path": "/extra/a", "value": 1}]"#)
        .after(&[NODE, PORT]),
    row("PATCH ports/{port}", "no change", "/v1/ports/<port>", READ)
        .body(r#"[{"op": "add", "path": "/extra", "value": {}}]"#)
        .after(&[NODE, PORT]),
    row("DELETE ports/{port}", "delete", "/v1/ports/<port>", WRITE).answers(204).after(&[NODE, PORT]),
];
