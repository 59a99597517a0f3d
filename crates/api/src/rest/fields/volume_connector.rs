//! Fields of volume connectors.

use super::shapes::{LINKS, OBJECT, TEXT, TIME, TIME_OR_NULL, UUID};
use super::{Field, Shown};
use crate::rest::json::{Stamp, put};
use crate::rest::link;
use ferric_model::volume::VolumeConnector;

/// A volume connector as one request sees it.
#[derive(Debug)]
pub(crate) struct VolumeConnectorView {
    /// The connector.
    pub connector: VolumeConnector,
    /// Base of links.
    pub base: String,
}

type F = Field<VolumeConnectorView>;

/// Fields of a list that is asked for nothing else.
pub(crate) const SUMMARY: [&str; 4] = ["uuid", "node_uuid", "type", "connector_id"];

/// Fields that lists cannot be sorted by.
pub(crate) const UNSORTABLE: [&str; 1] = ["extra"];

/// Every field.
pub(crate) static FIELDS: [F; 8] = [
    F::new("uuid", 32, |v, o| put(o, &v.connector.uuid)).of(&UUID),
    F::new("created_at", 32, |v, o| put(o, &Stamp(v.connector.created_at))).of(&TIME),
    F::new("updated_at", 32, |v, o| put(o, &v.connector.updated_at.map(Stamp))).of(&TIME_OR_NULL),
    F::new("node_uuid", 32, |v, o| put(o, &v.connector.node_uuid)).of(&UUID),
    F::new("type", 32, |v, o| put(o, &v.connector.kind)).of(&TEXT),
    F::new("connector_id", 32, |v, o| put(o, &v.connector.connector_id)).of(&TEXT),
    F::new("extra", 32, |v, o| put(o, &v.connector.extra)).of(&OBJECT),
    F::new("links", 32, |v, o| {
        link::put_pair(o, &v.base, &format!("volume/connectors/{}", v.connector.uuid))
    })
    .of(&LINKS)
    .shown(Shown::Always),
];
