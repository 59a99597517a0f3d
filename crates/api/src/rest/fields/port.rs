//! Fields of ports.

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
    F::new("uuid", 1, |v, o| put(o, &v.port.uuid)),
    F::new("created_at", 1, |v, o| put(o, &v.port.created_at.map(Stamp))),
    F::new("updated_at", 1, |v, o| put(o, &v.port.updated_at.map(Stamp))),
    F::new("address", 1, |v, o| put(o, &v.port.address)),
    F::new("extra", 1, |v, o| put(o, &v.port.detail.extra)),
    F::new("internal_info", 18, |v, o| put(o, &Masked { map: &v.port.detail.internal_info, also: &[] })),
    F::new("is_smartnic", 53, |v, o| put(o, &v.port.detail.is_smartnic)),
    F::new("local_link_connection", 19, |v, o| put(o, v.link())),
    F::new("physical_network", 34, |v, o| put(o, &v.port.physical_network)),
    F::new("pxe_enabled", 19, |v, o| put(o, &v.port.pxe_enabled)),
    F::new("node_uuid", 1, |v, o| put(o, &v.port.node_uuid)),
    F::new("name", 88, |v, o| put(o, &v.port.name)),
    F::new("description", 97, |v, o| put(o, &v.port.detail.description)),
    F::new("vendor", 100, |v, o| put(o, &v.port.detail.vendor)),
    F::new("category", 101, |v, o| put(o, &v.port.detail.category)),
    F::new("available_for_dynamic_portgroup", 111, |v, o| {
        put(o, &v.port.detail.available_for_dynamic_portgroup)
    }),
    F::new("links", 1, |v, o| link::put_pair(o, &v.base, &format!("ports/{}", v.port.uuid)))
        .shown(Shown::Always),
    F::new("portgroup_uuid", 24, |v, o| put(o, &v.port.portgroup_uuid)),
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
