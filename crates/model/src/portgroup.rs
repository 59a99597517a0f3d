//! Portgroups: network interface cards of a node that are bonded.

use crate::JsonMap;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

/// Network interface cards that are used as one.
///
/// Source: Ironic API reference, "Portgroups".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Portgroup {
    /// Row number: the order of creation.
    pub id: i64,
    /// Identity.
    pub uuid: Uuid,
    /// The node that carries its ports.
    pub node_uuid: Uuid,
    /// Optional unique name.
    pub name: Option<String>,
    /// Optional MAC address, lower case with colons; unique.
    pub address: Option<String>,
    /// How the ports share the work, in the words of the operating system.
    pub mode: Option<String>,
    /// Whether its ports may also be used each for itself.
    pub standalone_ports_supported: bool,
    /// Name of the physical network that all its ports are plugged into.
    pub physical_network: Option<String>,
    /// Operator's category, at most 80 characters.
    pub category: Option<String>,
    /// Whether it was made for one deployment.
    pub dynamic_portgroup: bool,
    /// Everything else.
    pub detail: PortgroupDetail,
    /// When it was created.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it was last written.
    #[serde(with = "time::serde::rfc3339::option")]
    pub updated_at: Option<OffsetDateTime>,
}

/// The part of a portgroup that nothing searches by: one JSON document in the database.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PortgroupDetail {
    /// Operator's free-form data.
    pub extra: JsonMap,
    /// Written by the control plane only.
    pub internal_info: JsonMap,
    /// Settings of the bond.
    pub properties: JsonMap,
}
