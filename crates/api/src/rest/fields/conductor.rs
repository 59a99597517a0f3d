//! Fields of conductors.

use super::shapes::{FLAG, LINKS, TEXT, TEXTS, TIME};
use super::{Field, Shown};
use crate::rest::json::{Stamp, put, put_list};
use crate::rest::link;
use ferric_model::conductor::Conductor;

/// A conductor as one request sees it.
#[derive(Debug)]
pub(crate) struct ConductorView {
    /// The conductor.
    pub conductor: Conductor,
    /// Whether it was heard of lately.
    pub alive: bool,
    /// Base of links.
    pub base: String,
}

type F = Field<ConductorView>;

/// Fields of a list that is asked for nothing else.
pub(crate) const SUMMARY: [&str; 3] = ["hostname", "conductor_group", "alive"];

/// Fields that lists cannot be sorted by.
pub(crate) const UNSORTABLE: [&str; 2] = ["alive", "drivers"];

/// Every field.
pub(crate) static FIELDS: [F; 7] = [
    F::new("created_at", 49, |v, o| put(o, &Stamp(v.conductor.created_at))).of(&TIME),
    F::new("updated_at", 49, |v, o| put(o, &Stamp(v.conductor.updated_at))).of(&TIME),
    F::new("hostname", 49, |v, o| put(o, &v.conductor.hostname)).of(&TEXT),
    F::new("conductor_group", 49, |v, o| put(o, &v.conductor.conductor_group)).of(&TEXT),
    F::new("drivers", 49, |v, o| put_list(o, v.conductor.drivers.keys(), put)).of(&TEXTS),
    F::new("links", 49, |v, o| link::put_pair(o, &v.base, &format!("conductors/{}", v.conductor.hostname)))
        .of(&LINKS)
        .shown(Shown::Always),
    F::new("alive", 49, |v, o| put(o, &v.alive)).of(&FLAG),
];
