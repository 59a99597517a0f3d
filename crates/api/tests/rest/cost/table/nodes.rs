//! Nodes and what lies below them.

use super::{CALL, MANAGED, NODE, NOTHING, PORT, READ, READS, Row, Step, Until, WRITE, row};

/// A second node, so that the first one is a marker with something behind it.
const OTHER: &[Step] = &[Step {
    method: "POST",
    path: "/v1/nodes",
    body: r#"{"driver": "fake-hardware"}"#,
    save: Some(("other", "/uuid")),
    until: Until::Answered,
}];

const TRAITS: &[Step] = &[Step {
    method: "PUT",
    path: "/v1/nodes/<node>/traits/CUSTOM_A",
    body: "",
    save: None,
    until: Until::Answered,
}];

/// The same page was shown before.
const fn shown(path: &'static str) -> Step {
    Step { method: "GET", path, body: "", save: None, until: Until::Answered }
}
const SHOWN: &[Step] = &[shown("/v1/nodes/detail")];
const SUMMARIZED: &[Step] = &[shown("/v1/nodes")];
const CHOSEN: &[Step] = &[shown("/v1/nodes?fields=uuid,owner")];
const CHANGED: &[Step] = &[Step {
    method: "PUT",
    path: "/v1/nodes/<node>/maintenance",
    body: "{}",
    save: None,
    until: Until::Answered,
}];

/// A node whose network interface knows VIFs.
const FLAT: &[Step] = &[Step {
    method: "POST",
    path: "/v1/nodes",
    body: r#"{"driver": "manual-management", "network_interface": "flat"}"#,
    save: Some(("node", "/uuid")),
    until: Until::Answered,
}];
const ATTACHED: &[Step] = &[Step {
    method: "POST",
    path: "/v1/nodes/<node>/vifs",
    body: r#"{"id": "a"}"#,
    save: None,
    until: Until::Answered,
}];

const NAME: &str = r#"[{"op": "replace", "path": "/name", "value": "renamed-<count>"}]"#;

pub static ROWS: &[Row] = &[
    row("GET nodes", "summary, some not shown before", "/v1/nodes", READS).after(&[NODE]),
    row("GET nodes", "summary, all shown before", "/v1/nodes", READ).after(&[NODE, SUMMARIZED]),
    row("GET nodes", "fields, all shown before", "/v1/nodes?fields=uuid,owner", READ).after(&[NODE, CHOSEN]),
    row("GET nodes", "summary, second page", "/v1/nodes?limit=1&marker=<node>", READ).after(&[NODE, OTHER]),
    row("GET nodes", "nothing behind the marker", "/v1/nodes?marker=<node>", READS).after(&[NODE]),
    row("GET nodes", "fields not shown before", "/v1/nodes?fields=uuid,driver_info", READS),
    row(
        "GET nodes",
        "by columns",
        "/v1/nodes?driver=fake-hardware&provision_state=enroll&owner=x&maintenance=false",
        READ,
    ),
    row("GET nodes", "by parent's name", "/v1/nodes?parent_node=node-<count>", READ).after(&[NODE]),
    row("GET nodes", "by project", "/v1/nodes?project=x", READ),
    row("GET nodes", "by conductor, sorted by name", "/v1/nodes?conductor=golden-host&sort_key=name", READ),
    row("GET nodes", "sorted by a document", "/v1/nodes?sort_key=boot_interface&limit=2", READ),
    row("GET watch/nodes", "from now on", "/v1/watch/nodes?timeout=0", READS),
    row("GET watch/nodes", "since a revision", "/v1/watch/nodes?timeout=0&since=0", READS).after(&[NODE]),
    row("GET nodes/detail", "some not shown before", "/v1/nodes/detail", READS).after(&[NODE, SHOWN, OTHER]),
    row("GET nodes/detail", "one changed since", "/v1/nodes/detail", READS).after(&[NODE, SHOWN, CHANGED]),
    row("GET nodes/detail", "all shown before", "/v1/nodes/detail", READ).after(&[NODE, SHOWN]),
    row("GET nodes/detail", "short page", "/v1/nodes/detail?limit=20", READ).after(&[NODE]),
    row("POST nodes", "create", "/v1/nodes", WRITE).body(r#"{"driver": "fake-hardware"}"#).answers(201),
    row("PATCH nodes", "refused", "/v1/nodes", NOTHING).answers(400),
    row("DELETE nodes", "refused", "/v1/nodes", NOTHING).answers(400),
    row("GET nodes/validate", "check", "/v1/nodes/validate?node=<node>", READS).after(&[NODE]),
    row("GET nodes/{node}/validate", "check", "/v1/nodes/<node>/validate", READS).after(&[NODE]),
    row("GET nodes/{node}", "by UUID", "/v1/nodes/<node>", READ).after(&[NODE]),
    row("GET nodes/{node}", "by name, some fields", "/v1/nodes/node-<count>?fields=name,extra", READ)
        .after(&[NODE]),
    row("GET nodes/{node}/{field}", "one field", "/v1/nodes/<node>/extra", READ).after(&[NODE]),
    row("PATCH nodes/{node}", "change", "/v1/nodes/<node>", WRITE).body(NAME).after(&[NODE]),
    row("PATCH nodes/{node}", "no change", "/v1/nodes/<node>", READ)
        .body(r#"[{"op": "add", "path": "/extra", "value": {}}]"#)
        .after(&[NODE]),
    row("PATCH nodes/{node}", "refused", "/v1/nodes/<node>", NOTHING)
        .body(r#"[{"op": "remove", "path": "/uuid"}]"#)
        .answers(400)
        .after(&[NODE]),
    row("DELETE nodes/{node}", "delete", "/v1/nodes/<node>", WRITE).answers(204).after(&[NODE]),
    row("DELETE nodes/{node}/{rest}", "refused", "/v1/nodes/<node>/nothing", NOTHING)
        .answers(404)
        .after(&[NODE]),
    row("PUT nodes/{node}/maintenance", "change", "/v1/nodes/<node>/maintenance", WRITE)
        .answers(202)
        .after(&[NODE]),
    row("DELETE nodes/{node}/maintenance", "no change", "/v1/nodes/<node>/maintenance", READ)
        .answers(202)
        .after(&[NODE]),
    row(
        "GET nodes/{node}/management/boot_device/supported",
        "show",
        "/v1/nodes/<node>/management/boot_device/supported",
        READ,
    )
    .after(&[NODE]),
    row("GET nodes/{node}/traits", "list", "/v1/nodes/<node>/traits", READ).after(&[NODE]),
    row("PUT nodes/{node}/traits", "change", "/v1/nodes/<node>/traits", WRITE)
        .body(r#"{"traits": ["CUSTOM_A"]}"#)
        .answers(204)
        .after(&[NODE]),
    row("PUT nodes/{node}/traits/{trait}", "change", "/v1/nodes/<node>/traits/CUSTOM_A", WRITE)
        .answers(204)
        .after(&[NODE]),
    row("PUT nodes/{node}/traits/{trait}", "no change", "/v1/nodes/<node>/traits/CUSTOM_A", READ)
        .answers(204)
        .after(&[NODE, TRAITS]),
    row("DELETE nodes/{node}/traits/{trait}", "change", "/v1/nodes/<node>/traits/CUSTOM_A", WRITE)
        .answers(204)
        .after(&[NODE, TRAITS]),
    row("DELETE nodes/{node}/traits", "change", "/v1/nodes/<node>/traits", WRITE)
        .answers(204)
        .after(&[NODE, TRAITS]),
    row("GET nodes/{node}/vifs", "list", "/v1/nodes/<node>/vifs", READ).after(&[NODE]),
    row("POST nodes/{node}/vifs", "attach", "/v1/nodes/<node>/vifs", WRITE)
        .body(r#"{"id": "11111111-2222-4333-8444-555555555555"}"#)
        .answers(204)
        .after(&[NODE]),
    row("DELETE nodes/{node}/vifs", "refused", "/v1/nodes/x/vifs", NOTHING).answers(400),
    row("DELETE nodes/{node}/vifs/{vif}", "detach", "/v1/nodes/<node>/vifs/x", WRITE)
        .answers(204)
        .after(&[NODE]),
    row("GET nodes/{node}/vifs", "list of a network that knows them", "/v1/nodes/<node>/vifs", READS)
        .after(&[FLAT, PORT]),
    row("POST nodes/{node}/vifs", "attach, asking Neutron", "/v1/nodes/<node>/vifs", CALL)
        .body(r#"{"id": "a"}"#)
        .answers(204)
        .after(&[FLAT, PORT]),
    row("POST nodes/{node}/vifs", "no free port", "/v1/nodes/<node>/vifs", CALL)
        .body(r#"{"id": "a"}"#)
        .answers(400)
        .after(&[FLAT]),
    row("DELETE nodes/{node}/vifs/{vif}", "detach, asking Neutron", "/v1/nodes/<node>/vifs/a", CALL)
        .answers(204)
        .after(&[FLAT, PORT, ATTACHED]),
    row("GET nodes/{node}/history", "list", "/v1/nodes/<node>/history", READ).after(&[NODE, MANAGED]),
    row("GET nodes/{node}/history/{entry}", "unknown entry", "/v1/nodes/<node>/history/<node>", READS)
        .answers(404)
        .after(&[NODE]),
    row(
        "GET nodes/{node}/history/{entry}/trace",
        "unknown entry",
        "/v1/nodes/<node>/history/<node>/trace",
        READS,
    )
    .answers(404)
    .after(&[NODE]),
    row("GET nodes/{node}/inventory", "none", "/v1/nodes/<node>/inventory", READ).answers(404).after(&[NODE]),
    row("GET nodes/{node}/children", "none", "/v1/nodes/<node>/children", READS).after(&[NODE]),
    row("GET nodes/{node}/ports", "list", "/v1/nodes/<node>/ports", READ).after(&[NODE, PORT]),
    row("GET nodes/{node}/ports", "list by name", "/v1/nodes/node-<count>/ports", READ).after(&[NODE, PORT]),
    row("GET nodes/{node}/ports/detail", "detail", "/v1/nodes/<node>/ports/detail", READ)
        .after(&[NODE, PORT]),
    row("POST nodes/{node}/ports", "refused", "/v1/nodes/<node>/ports", NOTHING).answers(400).after(&[NODE]),
    row("GET nodes/{node}/ports/{port}", "refused", "/v1/nodes/<node>/ports/<port>", NOTHING)
        .answers(400)
        .after(&[NODE, PORT]),
    row("PATCH nodes/{node}/ports/{port}", "refused", "/v1/nodes/<node>/ports/<port>", NOTHING)
        .answers(400)
        .after(&[NODE, PORT]),
    row("DELETE nodes/{node}/ports/{port}", "refused", "/v1/nodes/<node>/ports/<port>", NOTHING)
        .answers(400)
        .after(&[NODE, PORT]),
];
