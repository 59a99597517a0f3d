//! What ramdisks call.

use super::{Limit, MANAGED, PORT, READ, Row, Step, Until, WRITE, row, verb};

/// A node whose cleaning and inspection wait for the ramdisk.
const WAITER: &[Step] = &[Step {
    method: "POST",
    path: "/v1/nodes",
    body: r#"{"driver": "fake-hardware", "name": "waits-<count>"}"#,
    save: Some(("node", "/uuid")),
    until: Until::Answered,
}];
const CLEANS: &[Step] = &[verb(r#"{"target": "provide"}"#, "clean wait")];
const INSPECTS: &[Step] = &[verb(r#"{"target": "inspect"}"#, "inspect wait")];
const KNOWN: &[Step] = &[Step {
    method: "GET",
    path: "/v1/lookup?node_uuid=<node>",
    body: "",
    save: Some(("token", "/config/agent_token")),
    until: Until::Answered,
}];
const BEAT_OF_NODE: &str =
    r#"{"node_ident": "<node>", "callback_url": "http://127.0.0.1:9999", "agent_token": "<token>"}"#;
const BEAT: &str =
    r#"{"callback_url": "http://127.0.0.1:9999", "agent_version": "11.0.0", "agent_token": "<token>"}"#;
const WOKEN: &[Step] =
    &[Step { method: "POST", path: "/v1/heartbeat/<node>", body: BEAT, save: None, until: Until::Worked }];
const BEATEN: &[Step] =
    &[Step { method: "POST", path: "/v1/heartbeat/<node>", body: BEAT, save: None, until: Until::Answered }];
const FOUND: &str = r#"{"inventory": {"interfaces": [{"name": "eth0", "mac_address": "<mac>"}]}}"#;

const HEARTBEAT: &str = "POST heartbeat/{ident}";
const TO_NODE: &str = "/v1/heartbeat/<node>";

pub static ROWS: &[Row] = &[
    row("GET lookup", "the first, which gives a token", "/v1/lookup?node_uuid=<node>", WRITE)
        .after(&[WAITER, MANAGED, CLEANS]),
    row("GET lookup", "by address", "/v1/lookup?addresses=<mac>", WRITE)
        .after(&[WAITER, PORT, MANAGED, CLEANS]),
    row("GET lookup", "again", "/v1/lookup?node_uuid=<node>", READ).after(&[WAITER, MANAGED, CLEANS, KNOWN]),
    row(HEARTBEAT, "wakes a task", TO_NODE, WRITE)
        .body(BEAT)
        .answers(202)
        .after(&[WAITER, MANAGED, CLEANS, KNOWN]),
    row("POST heartbeat", "wakes a task", "/v1/heartbeat", WRITE)
        .body(BEAT_OF_NODE)
        .answers(202)
        .after(&[WAITER, MANAGED, CLEANS, KNOWN]),
    row(HEARTBEAT, "while the conductor works", TO_NODE, WRITE)
        .body(BEAT)
        .answers(202)
        .after(&[WAITER, MANAGED, CLEANS, KNOWN, WOKEN]),
    row(HEARTBEAT, "no change", TO_NODE, READ)
        .body(BEAT)
        .answers(202)
        .after(&[WAITER, MANAGED, CLEANS, KNOWN, WOKEN, BEATEN]),
    row(HEARTBEAT, "nobody waits", TO_NODE, READ)
        .body(BEAT)
        .answers(202)
        .after(&[WAITER, MANAGED, INSPECTS, KNOWN]),
    // The inventory and every new port are rows of their own.
    row(
        "POST continue_inspection",
        "one new port",
        "/v1/continue_inspection?node_uuid=<node>",
        Limit { reads: 5, inside: 5 },
    )
    .body(FOUND)
    .answers(202)
    .after(&[WAITER, MANAGED, INSPECTS]),
];
