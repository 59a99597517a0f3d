//! Fields of portgroups.

use super::shapes::{FLAG, LINKS, OBJECT, TEXT_OR_NULL, TIME, TIME_OR_NULL, UUID};
use super::{Field, Shown};
use crate::rest::json::{Masked, Stamp, put};
use crate::rest::link;
use ferric_model::portgroup::Portgroup;

/// A portgroup as one request sees it.
#[derive(Debug)]
pub(crate) struct PortgroupView {
    /// The portgroup.
    pub portgroup: Portgroup,
    /// Base of links.
    pub base: String,
}

type F = Field<PortgroupView>;

/// Fields of a list that is asked for nothing else.
pub(crate) const SUMMARY: [&str; 3] = ["uuid", "address", "name"];

/// Fields that lists cannot be sorted by.
pub(crate) const UNSORTABLE: [&str; 3] = ["extra", "internal_info", "properties"];

/// Every field.
pub(crate) static FIELDS: [F; 16] = [
    F::new("uuid", 23, |v, o| put(o, &v.portgroup.uuid)).of(&UUID),
    F::new("created_at", 23, |v, o| put(o, &Stamp(v.portgroup.created_at))).of(&TIME),
    F::new("updated_at", 23, |v, o| put(o, &v.portgroup.updated_at.map(Stamp))).of(&TIME_OR_NULL),
    F::new("address", 23, |v, o| put(o, &v.portgroup.address)).of(&TEXT_OR_NULL),
    F::new("extra", 23, |v, o| put(o, &v.portgroup.detail.extra)).of(&OBJECT),
    F::new("internal_info", 23, |v, o| put(o, &Masked { map: &v.portgroup.detail.internal_info, also: &[] }))
        .of(&OBJECT),
    F::new("mode", 26, |v, o| put(o, &v.portgroup.mode)).of(&TEXT_OR_NULL),
    F::new("name", 23, |v, o| put(o, &v.portgroup.name)).of(&TEXT_OR_NULL),
    F::new("properties", 26, |v, o| put(o, &v.portgroup.detail.properties)).of(&OBJECT),
    F::new("standalone_ports_supported", 23, |v, o| put(o, &v.portgroup.standalone_ports_supported))
        .of(&FLAG),
    F::new("node_uuid", 23, |v, o| put(o, &v.portgroup.node_uuid)).of(&UUID),
    F::new("physical_network", 102, |v, o| put(o, &v.portgroup.physical_network)).of(&TEXT_OR_NULL),
    F::new("category", 103, |v, o| put(o, &v.portgroup.category)).of(&TEXT_OR_NULL),
    F::new("dynamic_portgroup", 111, |v, o| put(o, &v.portgroup.dynamic_portgroup)).of(&FLAG),
    F::new("links", 23, |v, o| link::put_pair(o, &v.base, &format!("portgroups/{}", v.portgroup.uuid)))
        .of(&LINKS)
        .shown(Shown::Always),
    F::new("ports", 23, |v, o| link::put_pair(o, &v.base, &format!("portgroups/{}/ports", v.portgroup.uuid)))
        .of(&LINKS),
];
