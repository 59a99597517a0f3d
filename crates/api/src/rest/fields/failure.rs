//! What a failure in a node's history says to programs: fields that Ironic does not have, shown only where they are asked for.

use super::history::HistoryView;
use super::shapes::{LINKS, OBJECT_OR_NULL, TEXT, TEXT_OR_NULL, TIME, UUID, UUID_OR_NULL};
use super::{Field, Shown};
use crate::rest::json::{Stamp, put};
use crate::rest::link::{self, Link};
use ferric_model::failure::{CodeRow, find};
use serde_json::json;

type F = Field<HistoryView>;

/// Fields that the list of all nodes' history cannot be sorted by.
pub(crate) const UNSORTABLE: [&str; 7] =
    ["node_uuid", "code", "class", "cause", "step", "fingerprint", "links"];

/// Fields of the list of all nodes' history.
pub(crate) static LISTED: [F; 14] = [
    F::new("uuid", 1, |v, o| put(o, &v.entry.uuid)).of(&UUID),
    F::new("node_uuid", 1, |v, o| put(o, &v.entry.node_uuid)).of(&UUID),
    F::new("created_at", 1, |v, o| put(o, &Stamp(v.entry.created_at))).of(&TIME),
    F::new("severity", 1, |v, o| put(o, &v.entry.severity)).of(&TEXT),
    F::new("event_type", 1, |v, o| put(o, &v.entry.event_type)).of(&TEXT),
    F::new("event", 1, |v, o| put(o, &v.entry.event)).of(&TEXT),
    F::new("conductor", 1, |v, o| put(o, &v.entry.conductor)).of(&TEXT_OR_NULL),
    F::new("state", 1, |v, o| put(o, &v.entry.state)).of(&TEXT_OR_NULL),
    F::new("code", 1, |v, o| put(o, &v.entry.details.code)).of(&TEXT_OR_NULL),
    F::new("class", 1, |v, o| put(o, &v.row().map(|row| row.class.as_str()))).of(&TEXT_OR_NULL),
    F::new("cause", 1, |v, o| put(o, &v.entry.details.cause.as_ref().map(|cause| &cause.code)))
        .of(&TEXT_OR_NULL),
    F::new("step", 1, |v, o| put(o, &v.entry.details.step)).of(&TEXT_OR_NULL),
    F::new("fingerprint", 1, |v, o| put(o, &v.entry.fingerprint)).of(&TEXT_OR_NULL),
    F::new("links", 1, |v, o| {
        let path = format!("nodes/{}/history/{}", v.entry.node_uuid, v.entry.uuid);
        let trace = link::url(&v.base, &format!("{path}/trace"));
        put(o, &[Link::new("self", link::url(&v.base, &path)), Link::new("trace", trace)])
    })
    .of(&LINKS)
    .shown(Shown::Always),
];

/// Fields of one entry's trace.
pub(crate) static TRACE: [F; 13] = [
    F::new("uuid", 78, |v, o| put(o, &v.entry.uuid)).of(&UUID),
    F::new("created_at", 78, |v, o| put(o, &Stamp(v.entry.created_at))).of(&TIME),
    F::new("task", 78, |v, o| put(o, &v.entry.details.task)).of(&UUID_OR_NULL),
    F::new("code", 78, |v, o| put(o, &v.entry.details.code)).of(&TEXT_OR_NULL),
    F::new("class", 78, |v, o| put(o, &v.row().map(|row| row.class.as_str()))).of(&TEXT_OR_NULL),
    F::new("meaning", 78, |v, o| put(o, &v.row().map(|row| row.means))).of(&TEXT_OR_NULL),
    F::new("cause", 78, |v, o| {
        let cause = v.entry.details.cause.as_ref().map(|cause| {
            json!({
                "code": cause.code,
                "summary": cause.summary,
                "evidence": cause.evidence,
                "first_at": Stamp(cause.first_at),
                "last_at": Stamp(cause.last_at),
                "seen": cause.seen,
            })
        });
        put(o, &cause)
    })
    .of(&OBJECT_OR_NULL),
    F::new("evidence", 78, |v, o| put(o, &v.entry.details.evidence)).of(&TEXT_OR_NULL),
    F::new("remedy", 78, |v, o| put(o, &v.entry.details.advice)).of(&TEXT_OR_NULL),
    F::new("step", 78, |v, o| put(o, &v.entry.details.step)).of(&TEXT_OR_NULL),
    F::new("fingerprint", 78, |v, o| put(o, &v.entry.fingerprint)).of(&TEXT_OR_NULL),
    F::new("message_id", 78, |v, o| put(o, &v.entry.details.message_id)).of(&TEXT_OR_NULL),
    F::new("exchange", 78, |v, o| put(o, &v.entry.exchange)).of(&OBJECT_OR_NULL),
];

impl HistoryView {
    /// The row of the code: of the cause when one is known.
    fn row(&self) -> Option<&'static CodeRow> {
        self.entry.details.root_code().and_then(find)
    }
}
