//! Portgroups, and the ports in them.

use super::{Limit, NODE, NOTHING, READ, READS, READS_AND_WRITE, Row, Step, Until, WRITE, row};

const PORTGROUP: &[Step] = &[Step {
    method: "POST",
    path: "/v1/portgroups",
    body: r#"{"node_uuid": "<node>", "name": "bond-<count>", "address": "<mac>"}"#,
    save: Some(("portgroup", "/uuid")),
    until: Until::Answered,
}];
const MEMBER: &[Step] = &[Step {
    method: "POST",
    path: "/v1/ports",
    body: r#"{"node_uuid": "<node>", "address": "<mac>", "portgroup_uuid": "<portgroup>"}"#,
    save: Some(("port", "/uuid")),
    until: Until::Answered,
}];
const OTHER_NODE: &[Step] = &[Step {
    method: "POST",
    path: "/v1/nodes",
    body: r#"{"driver": "fake-hardware"}"#,
    save: Some(("other", "/uuid")),
    until: Until::Answered,
}];
/// To another node, which is read too.
const MOVE: Limit = Limit { reads: 3, inside: 3 };

pub static ROWS: &[Row] = &[
    row("GET portgroups", "summary", "/v1/portgroups", READ).after(&[NODE, PORTGROUP]),
    row("GET portgroups", "of a node by name", "/v1/portgroups?node=node-<count>", READ)
        .after(&[NODE, PORTGROUP]),
    row("GET portgroups", "of a node without portgroups", "/v1/portgroups?node=node-<count>", READS)
        .after(&[NODE]),
    row("GET portgroups", "by address", "/v1/portgroups?address=<mac>", READ).after(&[NODE, PORTGROUP]),
    row("GET portgroups", "by shard", "/v1/portgroups?shard=a,b", READ),
    row("GET portgroups", "unknown marker", "/v1/portgroups?marker=<node>", READS)
        .answers(404)
        .after(&[NODE]),
    row("GET portgroups/detail", "detail", "/v1/portgroups/detail", READ),
    row("POST portgroups", "create", "/v1/portgroups", WRITE)
        .body(r#"{"node_uuid": "<node>"}"#)
        .answers(201)
        .after(&[NODE]),
    row("PATCH portgroups", "refused", "/v1/portgroups", NOTHING).answers(400),
    row("DELETE portgroups", "refused", "/v1/portgroups", NOTHING).answers(400),
    row("GET portgroups/{portgroup}", "show", "/v1/portgroups/<portgroup>", READ).after(&[NODE, PORTGROUP]),
    row("GET portgroups/{portgroup}", "show by name", "/v1/portgroups/bond-<count>", READ)
        .after(&[NODE, PORTGROUP]),
    row("PATCH portgroups/{portgroup}", "change", "/v1/portgroups/<portgroup>", READS_AND_WRITE)
        .body(r#"[{"op": "replace", "path": "/physical_network", "value": "blue"}]"#)
        .after(&[NODE, PORTGROUP, MEMBER]),
    row("PATCH portgroups/{portgroup}", "to another node", "/v1/portgroups/<portgroup>", MOVE)
        .body(r#"[{"op": "replace", "path": "/node_uuid", "value": "<other>"}]"#)
        .after(&[NODE, PORTGROUP, OTHER_NODE]),
    row("PATCH portgroups/{portgroup}", "no change", "/v1/portgroups/<portgroup>", READS)
        .body(r#"[{"op": "add", "path": "/extra", "value": {}}]"#)
        .after(&[NODE, PORTGROUP]),
    row("DELETE portgroups/{portgroup}", "delete", "/v1/portgroups/<portgroup>", READS_AND_WRITE)
        .answers(204)
        .after(&[NODE, PORTGROUP]),
    row("GET portgroups/{portgroup}/ports", "list", "/v1/portgroups/<portgroup>/ports", READ)
        .after(&[NODE, PORTGROUP, MEMBER]),
    row("GET portgroups/{portgroup}/ports", "by name", "/v1/portgroups/bond-<count>/ports", READ)
        .after(&[NODE, PORTGROUP, MEMBER]),
    row("GET portgroups/{portgroup}/ports", "empty", "/v1/portgroups/<portgroup>/ports", READS)
        .after(&[NODE, PORTGROUP]),
    row("GET portgroups/{portgroup}/ports/detail", "detail", "/v1/portgroups/<portgroup>/ports/detail", READ)
        .after(&[NODE, PORTGROUP, MEMBER]),
    row("POST portgroups/{portgroup}/ports", "refused", "/v1/portgroups/x/ports", NOTHING).answers(400),
    row("GET portgroups/{portgroup}/ports/{port}", "refused", "/v1/portgroups/x/ports/y", NOTHING)
        .answers(400),
    row("PATCH portgroups/{portgroup}/ports/{port}", "refused", "/v1/portgroups/x/ports/y", NOTHING)
        .answers(400),
    row("DELETE portgroups/{portgroup}/ports/{port}", "refused", "/v1/portgroups/x/ports/y", NOTHING)
        .answers(400),
    row("POST ports", "create in a portgroup", "/v1/ports", READS_AND_WRITE)
        .body(
            r#"{"node_uuid": "<node>", "address": "<mac>", "portgroup_uuid": "<portgroup>",
                "physical_network": "blue"}"#,
        )
        .answers(201)
        .after(&[NODE, PORTGROUP]),
    row("PATCH ports/{port}", "out of a portgroup", "/v1/ports/<port>", READS_AND_WRITE)
        .body(r#"[{"op": "remove", "path": "/portgroup_uuid"}]"#)
        .after(&[NODE, PORTGROUP, MEMBER]),
    row("GET nodes/{node}/portgroups", "list", "/v1/nodes/<node>/portgroups", READ).after(&[NODE, PORTGROUP]),
    row("GET nodes/{node}/portgroups", "empty", "/v1/nodes/<node>/portgroups", READS).after(&[NODE]),
    row("GET nodes/{node}/portgroups/detail", "detail", "/v1/nodes/<node>/portgroups/detail", READ)
        .after(&[NODE, PORTGROUP]),
    row("POST nodes/{node}/portgroups", "refused", "/v1/nodes/x/portgroups", NOTHING).answers(400),
    row("GET nodes/{node}/portgroups/{portgroup}", "refused", "/v1/nodes/x/portgroups/y", NOTHING)
        .answers(400),
    row("PATCH nodes/{node}/portgroups/{portgroup}", "refused", "/v1/nodes/x/portgroups/y", NOTHING)
        .answers(400),
    row("DELETE nodes/{node}/portgroups/{portgroup}", "refused", "/v1/nodes/x/portgroups/y", NOTHING)
        .answers(400),
];
