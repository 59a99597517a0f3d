//! Fields of entries of a node's history.

use super::shapes::{INTEGER_OR_NULL, LINKS, TEXT, TEXT_OR_NULL, TIME, UUID};
use super::{Field, Shown};
use crate::rest::json::{Stamp, put};
use crate::rest::link::{self, Link};
use ferric_model::history::HistoryEntry;
use std::borrow::Cow;

/// An entry as one request sees it.
#[derive(Debug)]
pub(crate) struct HistoryView {
    /// The entry.
    pub entry: HistoryEntry,
    /// Base of links.
    pub base: String,
    /// Whether long texts are shown whole.
    pub whole: bool,
}

type F = Field<HistoryView>;

/// Fields of a list that is asked for nothing else.
pub(crate) const SUMMARY: [&str; 4] = ["uuid", "created_at", "severity", "event"];

/// Longest text in a summary, and how much of a longer one is shown.
const EVENT_MAX: (usize, usize) = (255, 251);

/// Every field.
pub(crate) static FIELDS: [F; 12] = [
    F::new("uuid", 78, |v, o| put(o, &v.entry.uuid)).of(&UUID),
    F::new("created_at", 78, |v, o| put(o, &Stamp(v.entry.created_at))).of(&TIME),
    F::new("severity", 78, |v, o| put(o, &v.entry.severity)).of(&TEXT),
    F::new("event_type", 78, |v, o| put(o, &v.entry.event_type)).of(&TEXT),
    F::new("event", 78, |v, o| put(o, &v.event())).of(&TEXT),
    F::new("conductor", 78, |v, o| put(o, &v.entry.conductor)).of(&TEXT_OR_NULL),
    F::new("user", 78, |v, o| put(o, &v.entry.user)).of(&TEXT_OR_NULL),
    F::new("project", 113, |v, o| put(o, &v.entry.project)).of(&TEXT_OR_NULL),
    F::new("state", 115, |v, o| put(o, &v.entry.state)).of(&TEXT_OR_NULL),
    F::new("target_provision_state", 115, |v, o| put(o, &v.entry.target_provision_state)).of(&TEXT_OR_NULL),
    F::new("duration_seconds", 115, |v, o| put(o, &v.entry.duration_seconds)).of(&INTEGER_OR_NULL),
    F::new("links", 78, |v, o| {
        let path = format!("nodes/{}/history/{}", v.entry.node_uuid, v.entry.uuid);
        put(o, &[Link::new("self", link::url(&v.base, &path))])
    })
    .of(&LINKS)
    .shown(Shown::Always),
];

impl HistoryView {
    fn event(&self) -> Cow<'_, str> {
        let text = &self.entry.event;
        if self.whole || text.chars().count() <= EVENT_MAX.0 {
            return Cow::Borrowed(text);
        }
        let mut short: String = text.chars().take(EVENT_MAX.1).collect();
        short.push_str("...");
        Cow::Owned(short)
    }
}
