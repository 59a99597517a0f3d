//! Fields of chassis.

use super::shapes::{LINKS, OBJECT, TEXT_OR_NULL, TIME, TIME_OR_NULL, UUID};
use super::{Field, Shown};
use crate::rest::json::{Stamp, put, put_list};
use crate::rest::link;
use ferric_model::chassis::Chassis;
use ferric_model::schema::{JsonType, Schema};

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

/// The links to its nodes: a list within a list, as it always was.
const LINKS_IN_LIST: Schema = Schema { items: Some(&LINKS), ..Schema::of(&[JsonType::Array]) };

/// Every field.
pub(crate) static FIELDS: [F; 7] = [
    F::new("uuid", 1, |v, o| put(o, &v.chassis.uuid)).of(&UUID),
    F::new("created_at", 1, |v, o| put(o, &Stamp(v.chassis.created_at))).of(&TIME),
    F::new("updated_at", 1, |v, o| put(o, &v.chassis.updated_at.map(Stamp))).of(&TIME_OR_NULL),
    F::new("description", 1, |v, o| put(o, &v.chassis.description)).of(&TEXT_OR_NULL),
    F::new("extra", 1, |v, o| put(o, &v.chassis.extra)).of(&OBJECT),
    F::new("links", 1, |v, o| link::put_pair(o, &v.base, &format!("chassis/{}", v.chassis.uuid)))
        .of(&LINKS)
        .shown(Shown::Always),
    F::new("nodes", 1, |v, o| {
        put_list(o, [format!("chassis/{}/nodes", v.chassis.uuid)], |o, path| {
            link::put_pair(o, &v.base, &path)
        })
    })
    .of(&LINKS_IN_LIST),
];
