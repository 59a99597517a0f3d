//! The history of all nodes, and fingerprints of failures.

use super::{MANAGED, NODE, READ, Row, Step, Until, row};

/// A node that fails to be verified.
const FAILED: &[Step] = &[
    Step {
        method: "POST",
        path: "/v1/nodes",
        body: r#"{"driver": "fake-hardware", "driver_info": {"fake_failure": "power"}}"#,
        save: Some(("node", "/uuid")),
        until: Until::Answered,
    },
    Step {
        method: "PUT",
        path: "/v1/nodes/<node>/states/provision",
        body: r#"{"target": "manage"}"#,
        save: None,
        until: Until::State("enroll"),
    },
];

pub static ROWS: &[Row] = &[
    row("GET history", "list", "/v1/history", READ).after(&[NODE, MANAGED]),
    row("GET history", "of one fingerprint", "/v1/history?fingerprint=0&severity=ERROR", READ),
    row("GET history/fingerprints", "list", "/v1/history/fingerprints?top=5", READ).after(&[FAILED]),
    row("GET history/fingerprints/{fingerprint}", "unknown", "/v1/history/fingerprints/0", READ).answers(404),
];
