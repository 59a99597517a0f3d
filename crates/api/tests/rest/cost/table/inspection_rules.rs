//! Inspection rules.

use super::{READ, READS, Row, Step, Until, WRITE, row};

const RULE: &[Step] = &[Step {
    method: "POST",
    path: "/v1/inspection_rules",
    body: r#"{"description": "d", "actions": [{"op": "set-attribute", "args": {"path": "/extra/a", "value": 1}}]}"#,
    save: Some(("rule", "/uuid")),
    until: Until::Answered,
}];

pub static ROWS: &[Row] = &[
    row("GET inspection_rules", "summary", "/v1/inspection_rules", READ).after(&[RULE]),
    row("GET inspection_rules", "nothing behind the marker", "/v1/inspection_rules?marker=<rule>", READS)
        .after(&[RULE]),
    row("POST inspection_rules", "create", "/v1/inspection_rules", WRITE)
        .body(r#"{"actions": [{"op": "set-attribute", "args": {"path": "/extra/a", "value": 1}}]}"#)
        .answers(201),
    row("GET inspection_rules/{rule}", "show", "/v1/inspection_rules/<rule>", READ).after(&[RULE]),
    row("PATCH inspection_rules/{rule}", "change", "/v1/inspection_rules/<rule>", WRITE)
        .body(r#"[{"op": "replace", "path": "/description", "value": "e"}]"#)
        .after(&[RULE]),
    row("PATCH inspection_rules/{rule}", "no change", "/v1/inspection_rules/<rule>", READ)
        .body(r#"[{"op": "replace", "path": "/description", "value": "d"}]"#)
        .after(&[RULE]),
    row("DELETE inspection_rules/{rule}", "delete", "/v1/inspection_rules/<rule>", WRITE)
        .answers(204)
        .after(&[RULE]),
];
