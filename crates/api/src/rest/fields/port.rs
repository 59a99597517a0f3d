//! Fields of ports.

use super::shapes::{FLAG, LINKS, OBJECT, TEXT, TEXT_OR_NULL, TIME_OR_NULL, UUID, UUID_OR_NULL};
use super::{Field, Shown};
use crate::rest::json::{Masked, Stamp, put};
use crate::rest::link;
use ferric_model::JsonMap;
use ferric_model::port::Port;
use std::sync::LazyLock;

/// A port as one request sees it.
#[derive(Debug)]
pub(crate) struct PortView {
    /// The port.
    pub port: Port,
    /// Base of links.
    pub base: String,
    /// Minor number of the microversion.
    pub minor: u16,
}

type F = Field<PortView>;

/// Fields of a list that is asked for nothing else.
pub(crate) const SUMMARY: [&str; 2] = ["uuid", "address"];

/// Fields that lists cannot be sorted by.
pub(crate) const UNSORTABLE: [&str; 3] = ["extra", "internal_info", "local_link_connection"];

/// Members of a link that microversions 1.90 to 1.104 know.
const VTEP: [&str; 2] = ["vtep-logical-switch", "vtep-physical-switch"];

/// Every field.
pub(crate) static FIELDS: [F; 18] = [
    F::new("uuid", 1, |v, o| put(o, &v.port.uuid)).of(&UUID),
    F::new("created_at", 1, |v, o| put(o, &v.port.created_at.map(Stamp))).of(&TIME_OR_NULL),
    F::new("updated_at", 1, |v, o| put(o, &v.port.updated_at.map(Stamp))).of(&TIME_OR_NULL),
    F::new("address", 1, |v, o| put(o, &v.port.address)).of(&TEXT),
    F::new("extra", 1, |v, o| put(o, &v.port.detail.extra)).of(&OBJECT),
    F::new("internal_info", 18, |v, o| put(o, &Masked { map: &v.port.detail.internal_info, also: &[] }))
        .of(&OBJECT),
    F::new("is_smartnic", 53, |v, o| put(o, &v.port.detail.is_smartnic)).of(&FLAG),
    F::new("local_link_connection", 19, |v, o| put(o, v.link())).of(&OBJECT),
    F::new("physical_network", 34, |v, o| put(o, &v.port.physical_network)).of(&TEXT_OR_NULL),
    F::new("pxe_enabled", 19, |v, o| put(o, &v.port.pxe_enabled)).of(&FLAG),
    F::new("node_uuid", 1, |v, o| put(o, &v.port.node_uuid)).of(&UUID),
    F::new("name", 88, |v, o| put(o, &v.port.name)).of(&TEXT_OR_NULL),
    F::new("description", 97, |v, o| put(o, &v.port.detail.description)).of(&TEXT_OR_NULL),
    F::new("vendor", 100, |v, o| put(o, &v.port.detail.vendor)).of(&TEXT_OR_NULL),
    F::new("category", 101, |v, o| put(o, &v.port.detail.category)).of(&TEXT_OR_NULL),
    F::new("available_for_dynamic_portgroup", 111, |v, o| {
        put(o, &v.port.detail.available_for_dynamic_portgroup)
    })
    .of(&FLAG),
    F::new("links", 1, |v, o| link::put_pair(o, &v.base, &format!("ports/{}", v.port.uuid)))
        .of(&LINKS)
        .shown(Shown::Always),
    F::new("portgroup_uuid", 24, |v, o| put(o, &v.port.portgroup_uuid)).of(&UUID_OR_NULL),
];

static NO_LINK: LazyLock<JsonMap> = LazyLock::new(JsonMap::new);

impl PortView {
    /// The link, hidden when it speaks of what the microversion does not know.
    fn link(&self) -> &JsonMap {
        let link = &self.port.detail.local_link_connection;
        let knows_vtep = (90..105).contains(&self.minor);
        if !knows_vtep && VTEP.iter().any(|key| link.contains_key(*key)) { &NO_LINK } else { link }
    }
}
