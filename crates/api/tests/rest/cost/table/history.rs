//! The history of all nodes, and fingerprints of failures.

use super::{MANAGED, NODE, READ, Row, row};

pub static ROWS: &[Row] = &[
    row("GET history", "list", "/v1/history", READ).after(&[NODE, MANAGED]),
    row("GET history", "of one fingerprint", "/v1/history?fingerprint=0&severity=ERROR", READ),
    row("GET history/fingerprints", "list", "/v1/history/fingerprints?top=5", READ).after(&[NODE, MANAGED]),
    row("GET history/fingerprints/{fingerprint}", "unknown", "/v1/history/fingerprints/0", READ).answers(404),
];
