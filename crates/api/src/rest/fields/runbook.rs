//! Fields of runbooks.

use super::shapes::{FLAG, LINKS, OBJECT, OBJECTS, TEXT, TEXT_OR_NULL, TEXTS, TIME, TIME_OR_NULL, UUID};
use super::stored_steps::put_steps;
use super::{Field, Shown};
use crate::rest::json::{Stamp, put};
use crate::rest::link;
use ferric_model::runbook::Runbook;

/// A runbook as one request sees it.
#[derive(Debug)]
pub(crate) struct RunbookView {
    /// The runbook.
    pub runbook: Runbook,
    /// Base of links.
    pub base: String,
}

type F = Field<RunbookView>;

/// Fields of a list that is asked for nothing else.
pub(crate) const SUMMARY: [&str; 2] = ["uuid", "name"];

/// Fields that lists cannot be sorted by.
pub(crate) const UNSORTABLE: [&str; 3] = ["extra", "steps", "traits"];

/// Every field.
pub(crate) static FIELDS: [F; 12] = [
    F::new("uuid", 92, |v, o| put(o, &v.runbook.uuid)).of(&UUID),
    F::new("created_at", 92, |v, o| put(o, &Stamp(v.runbook.created_at))).of(&TIME),
    F::new("updated_at", 92, |v, o| put(o, &v.runbook.updated_at.map(Stamp))).of(&TIME_OR_NULL),
    F::new("name", 92, |v, o| put(o, &v.runbook.name)).of(&TEXT),
    F::new("extra", 92, |v, o| put(o, &v.runbook.extra)).of(&OBJECT),
    F::new("public", 92, |v, o| put(o, &v.runbook.public)).of(&FLAG),
    F::new("owner", 92, |v, o| put(o, &v.runbook.owner)).of(&TEXT_OR_NULL),
    F::new("disable_ramdisk", 92, |v, o| put(o, &v.runbook.disable_ramdisk)).of(&FLAG),
    F::new("description", 112, |v, o| put(o, &v.runbook.description)).of(&TEXT_OR_NULL),
    F::new("links", 92, |v, o| link::put_pair(o, &v.base, &format!("runbooks/{}", v.runbook.uuid)))
        .of(&LINKS)
        .shown(Shown::Always),
    F::new("steps", 92, |v, o| put_steps(o, &v.runbook.steps, "order")).of(&OBJECTS),
    F::new("traits", 112, |v, o| put(o, &v.runbook.traits)).of(&TEXTS),
];
