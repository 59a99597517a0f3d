//! Runbooks.

use super::{Limit, MANAGED, NODE, NOTHING, READ, READS, Row, Step, Until, WRITE, row};

const RUNBOOK: &[Step] = &[Step {
    method: "POST",
    path: "/v1/runbooks",
    body: r#"{"name": "r<count>", "steps": [{"interface": "bios", "step": "s", "order": 1}]}"#,
    save: Some(("runbook", "/uuid")),
    until: Until::Answered,
}];

/// The runbook is approved for the node.
const APPROVED: &[Step] = &[
    put("/v1/runbooks/<runbook>/traits", r#"{"traits": ["CUSTOM_R"]}"#),
    put("/v1/nodes/<node>/traits", r#"{"traits": ["CUSTOM_R"]}"#),
];

const fn put(path: &'static str, body: &'static str) -> Step {
    Step { method: "PUT", path, body, save: None, until: Until::Answered }
}

/// The node, the runbook and how many nodes are being cleaned; then a guarded write.
const USE: Limit = Limit { reads: 3, inside: 3 };

const ALL: &str = "/v1/runbooks";
const ONE: &str = "/v1/runbooks/<runbook>";
const TRAITS: &str = "/v1/runbooks/<runbook>/traits";
const TRAIT: &str = "/v1/runbooks/<runbook>/traits/CUSTOM_A";

pub static ROWS: &[Row] = &[
    row("GET runbooks", "summary", ALL, READ).after(&[RUNBOOK]),
    row("GET runbooks", "by project", "/v1/runbooks?project=p", READ).after(&[RUNBOOK]),
    row("GET runbooks", "nothing behind the marker", "/v1/runbooks?marker=<runbook>", READS)
        .after(&[RUNBOOK]),
    row("POST runbooks", "create", ALL, WRITE)
        .body(r#"{"name": "new", "steps": [{"interface": "bios", "step": "s", "order": 1}]}"#)
        .answers(201),
    row("PATCH runbooks", "refused", ALL, NOTHING).answers(400),
    row("DELETE runbooks", "refused", ALL, NOTHING).answers(400),
    row("GET runbooks/{runbook}", "show", ONE, READ).after(&[RUNBOOK]),
    row("PATCH runbooks/{runbook}", "change", ONE, WRITE)
        .body(r#"[{"op": "replace", "path": "/public", "value": true}]"#)
        .after(&[RUNBOOK]),
    row("PATCH runbooks/{runbook}", "no change", ONE, READ)
        .body(r#"[{"op": "replace", "path": "/public", "value": false}]"#)
        .after(&[RUNBOOK]),
    row("DELETE runbooks/{runbook}", "delete", ONE, WRITE).answers(204).after(&[RUNBOOK]),
    row("GET runbooks/{runbook}/traits", "list", TRAITS, READ).after(&[RUNBOOK]),
    row("PUT runbooks/{runbook}/traits", "change", TRAITS, WRITE)
        .body(r#"{"traits": ["CUSTOM_A"]}"#)
        .answers(204)
        .after(&[RUNBOOK]),
    row("DELETE runbooks/{runbook}/traits", "no change", TRAITS, READ).answers(204).after(&[RUNBOOK]),
    row("PUT runbooks/{runbook}/traits/{trait}", "change", TRAIT, WRITE).answers(204).after(&[RUNBOOK]),
    row("DELETE runbooks/{runbook}/traits/{trait}", "no change", TRAIT, READ).answers(204).after(&[RUNBOOK]),
    row(
        "PUT nodes/{node}/states/provision",
        "`clean` by a runbook",
        "/v1/nodes/<node>/states/provision",
        USE,
    )
    .body(r#"{"target": "clean", "runbook": "<runbook>"}"#)
    .answers(202)
    .after(&[NODE, RUNBOOK, APPROVED, MANAGED]),
];
