//! The history of all nodes, and fingerprints of failures.

use super::super::part::{Part, resource};
use super::super::row::{Row, get, page, shown};
use crate::rest::fields::{failure, fingerprint};
use crate::rest::history::SEVERITIES;
use serde_json::{Value, json};

static EVENT: Part = Part::new("FleetHistoryEntry", || resource(&failure::LISTED));
static FINGERPRINT: Part = Part::new("Fingerprint", || resource(&fingerprint::FIELDS));
static COMMON: Part = Part::new("FingerprintInDetail", || resource(&fingerprint::COMMON));

fn time() -> Value {
    json!({"type": "string", "format": "date-time"})
}

pub(super) const ROWS: &[Row] = &[
    get("history", "Lists what happened to all nodes", page("history", &EVENT))
        .finer(&[("severity", || json!({"type": "string", "enum": SEVERITIES})), ("since", time)]),
    get(
        "history/fingerprints",
        "Lists kinds of failures, the most frequent first",
        page("fingerprints", &FINGERPRINT),
    )
    .finer(&[("since", time)]),
    get(
        "history/fingerprints/{fingerprint}",
        "Shows what the nodes with a failure have in common",
        shown(&COMMON),
    ),
];
