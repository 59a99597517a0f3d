//! Fields of operations.

use super::shapes::{INTEGER, INTEGER_OR_NULL, LINKS, OBJECT, TEXT, TEXT_OR_NULL, TIME, TIME_OR_NULL, UUID};
use super::{Field, Shown};
use crate::rest::json::{Members, Stamp, Written, put};
use crate::rest::link;
use ferric_control::BulkReading;
use ferric_model::operation::{ItemCounts, ItemState};
use ferric_model::schema::Schema;

/// An operation as one request sees it.
#[derive(Debug)]
pub(crate) struct OperationView {
    /// The operation with the counts of its items.
    pub reading: BulkReading,
    /// Base of links.
    pub base: String,
}

type F = Field<OperationView>;

/// Fields that lists cannot be sorted by.
pub(crate) const UNSORTABLE: [&str; 6] =
    ["action", "target", "max_parallel", "failure_budget", "total", "items"];

/// How many items are in each state.
const COUNTS: Schema = Schema {
    properties: &[
        (ItemState::Pending.as_str(), INTEGER),
        (ItemState::Running.as_str(), INTEGER),
        (ItemState::Succeeded.as_str(), INTEGER),
        (ItemState::Failed.as_str(), INTEGER),
        (ItemState::Skipped.as_str(), INTEGER),
        (ItemState::Canceled.as_str(), INTEGER),
    ],
    closed: true,
    ..OBJECT
};

/// Every field.
pub(crate) static FIELDS: [F; 11] = [
    F::new("uuid", 1, |v, o| put(o, &v.reading.operation.uuid)).of(&UUID),
    F::new("action", 1, |v, o| put(o, v.reading.operation.kind.as_str())).of(&TEXT),
    F::new("target", 1, |v, o| put(o, &v.reading.operation.params["target"])).of(&TEXT_OR_NULL),
    F::new("state", 1, |v, o| put(o, v.reading.operation.state.as_str())).of(&TEXT),
    F::new("max_parallel", 1, |v, o| put(o, &v.reading.operation.max_parallel)).of(&INTEGER),
    F::new("failure_budget", 1, |v, o| put(o, &v.reading.operation.failure_budget)).of(&INTEGER_OR_NULL),
    F::new("total", 1, |v, o| put(o, &v.reading.operation.total)).of(&INTEGER),
    F::new("items", 1, |v, o| put_counts(o, &v.reading.counts)).of(&COUNTS),
    F::new("created_at", 1, |v, o| put(o, &Stamp(v.reading.operation.created_at))).of(&TIME),
    F::new("finished_at", 1, |v, o| put(o, &v.reading.operation.finished_at.map(Stamp))).of(&TIME_OR_NULL),
    F::new("links", 1, |v, o| link::put_pair(o, &v.base, &format!("bulk/{}", v.reading.operation.uuid)))
        .of(&LINKS)
        .shown(Shown::Always),
];

fn put_counts(out: &mut Vec<u8>, counts: &ItemCounts) -> Written {
    let mut members = Members::open(out);
    for state in ItemState::all() {
        members.put(state.as_str(), &counts.of(state))?;
    }
    members.close();
    Ok(())
}
