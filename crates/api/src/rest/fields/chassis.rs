//! Fields of chassis.

use super::{Field, Shown};
use crate::rest::json::{Stamp, put, put_list};
use crate::rest::link;
use ferric_model::chassis::Chassis;

/// A chassis as one request sees it.
#[derive(Debug)]
pub(crate) struct ChassisView {
    /// The chassis.
    pub chassis: Chassis,
    /// Base of links.
    pub base: String,
}

type F = Field<ChassisView>;

/// Fields of a list that is asked for nothing else.
pub(crate) const SUMMARY: [&str; 2] = ["uuid", "description"];

/// Fields that lists cannot be sorted by.
pub(crate) const UNSORTABLE: [&str; 1] = ["extra"];

/// Every field.
pub(crate) static FIELDS: [F; 7] = [
    F::new("uuid", 1, |v, o| put(o, &v.chassis.uuid)),
    F::new("created_at", 1, |v, o| put(o, &Stamp(v.chassis.created_at))),
    F::new("updated_at", 1, |v, o| put(o, &v.chassis.updated_at.map(Stamp))),
    F::new("description", 1, |v, o| put(o, &v.chassis.description)),
    F::new("extra", 1, |v, o| put(o, &v.chassis.extra)),
    F::new("links", 1, |v, o| link::put_pair(o, &v.base, &format!("chassis/{}", v.chassis.uuid)))
        .shown(Shown::Always),
    // A list within a list, as it always was.
    F::new("nodes", 1, |v, o| {
        put_list(o, [format!("chassis/{}/nodes", v.chassis.uuid)], |o, path| {
            link::put_pair(o, &v.base, &path)
        })
    }),
];
