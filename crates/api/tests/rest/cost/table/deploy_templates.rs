//! Deploy templates.

use super::{NOTHING, READ, READS, Row, Step, Until, WRITE, row};

const TEMPLATE: &[Step] = &[Step {
    method: "POST",
    path: "/v1/deploy_templates",
    body: r#"{"name": "CUSTOM_T<count>", "steps": [{"interface": "bios", "step": "s", "args": {}, "priority": 1}]}"#,
    save: Some(("template", "/uuid")),
    until: Until::Answered,
}];

pub static ROWS: &[Row] = &[
    row("GET deploy_templates", "summary", "/v1/deploy_templates", READ).after(&[TEMPLATE]),
    row("GET deploy_templates", "nothing behind the marker", "/v1/deploy_templates?marker=<template>", READS).after(&[TEMPLATE]),
    row("POST deploy_templates", "create", "/v1/deploy_templates", WRITE)
        .body(r#"{"name": "CUSTOM_NEW", "steps": [{"interface": "bios", "step": "s", "args": {}, "priority": 1}]}"#)
        .answers(201),
    row("PATCH deploy_templates", "refused", "/v1/deploy_templates", NOTHING).answers(400),
    row("DELETE deploy_templates", "refused", "/v1/deploy_templates", NOTHING).answers(400),
    row("GET deploy_templates/{template}", "show", "/v1/deploy_templates/<template>", READ).after(&[TEMPLATE]),
    row("PATCH deploy_templates/{template}", "change", "/v1/deploy_templates/<template>", WRITE)
        .body(r#"[{"op": "add", "path": "/extra/a", "value": 1}]"#)
        .after(&[TEMPLATE]),
    row("PATCH deploy_templates/{template}", "no change", "/v1/deploy_templates/<template>", READ)
        .body(r#"[{"op": "add", "path": "/extra", "value": {}}]"#)
        .after(&[TEMPLATE]),
    row("DELETE deploy_templates/{template}", "delete", "/v1/deploy_templates/CUSTOM_T<count>", WRITE)
        .answers(204)
        .after(&[TEMPLATE]),
];
