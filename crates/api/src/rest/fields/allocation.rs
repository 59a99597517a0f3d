//! Fields of allocations.

use super::shapes::{LINKS, OBJECT, TEXT, TEXT_OR_NULL, TEXTS, TIME, TIME_OR_NULL, UUID, UUID_OR_NULL};
use super::{Field, Shown};
use crate::rest::json::{Stamp, put};
use crate::rest::link;
use ferric_model::allocation::Allocation;

/// An allocation as one request sees it.
#[derive(Debug)]
pub(crate) struct AllocationView {
    /// The allocation.
    pub allocation: Allocation,
    /// Base of links.
    pub base: String,
}

type F = Field<AllocationView>;

/// Fields that lists cannot be sorted by.
pub(crate) const UNSORTABLE: [&str; 3] = ["extra", "candidate_nodes", "traits"];

/// Every field.
pub(crate) static FIELDS: [F; 13] = [
    F::new("uuid", 52, |v, o| put(o, &v.allocation.uuid)).of(&UUID),
    F::new("created_at", 52, |v, o| put(o, &Stamp(v.allocation.created_at))).of(&TIME),
    F::new("updated_at", 52, |v, o| put(o, &v.allocation.updated_at.map(Stamp))).of(&TIME_OR_NULL),
    F::new("candidate_nodes", 52, |v, o| put(o, &v.allocation.candidate_nodes)).of(&TEXTS),
    F::new("extra", 52, |v, o| put(o, &v.allocation.extra)).of(&OBJECT),
    F::new("last_error", 52, |v, o| put(o, &v.allocation.last_error)).of(&TEXT_OR_NULL),
    F::new("name", 52, |v, o| put(o, &v.allocation.name)).of(&TEXT_OR_NULL),
    F::new("owner", 60, |v, o| put(o, &v.allocation.owner)).of(&TEXT_OR_NULL),
    F::new("resource_class", 52, |v, o| put(o, &v.allocation.resource_class)).of(&TEXT_OR_NULL),
    F::new("state", 52, |v, o| put(o, v.allocation.state.as_str())).of(&TEXT),
    F::new("traits", 52, |v, o| put(o, &v.allocation.traits)).of(&TEXTS),
    F::new("links", 52, |v, o| link::put_pair(o, &v.base, &format!("allocations/{}", v.allocation.uuid)))
        .of(&LINKS)
        .shown(Shown::Always),
    F::new("node_uuid", 52, |v, o| put(o, &v.allocation.node_uuid)).of(&UUID_OR_NULL),
];
