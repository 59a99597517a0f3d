//! Ports: the network interface cards of a node.

use crate::JsonMap;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

/// A network interface card.
///
/// Source: Ironic API reference, "Ports".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Port {
    /// Row number: the order of creation.
    #[serde(default)]
    pub id: i64,
    /// Identity.
    pub uuid: Uuid,
    /// The node that carries it.
    pub node_uuid: Uuid,
    /// MAC address, lower case with colons; unique.
    pub address: String,
    /// Optional unique name.
    pub name: Option<String>,
    /// Member of this portgroup.
    pub portgroup_uuid: Option<Uuid>,
    /// Whether the ramdisk may boot over it.
    pub pxe_enabled: bool,
    /// Name of the physical network it is plugged into.
    pub physical_network: Option<String>,
    /// Everything else.
    pub detail: PortDetail,
    /// When it was created.
    #[serde(with = "time::serde::rfc3339::option", default)]
    pub created_at: Option<OffsetDateTime>,
    /// When it was last written.
    #[serde(with = "time::serde::rfc3339::option", default)]
    pub updated_at: Option<OffsetDateTime>,
}

/// The part of a port that nothing searches by: one JSON document in the database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PortDetail {
    /// Operator's free-form data.
    pub extra: JsonMap,
    /// Written by the control plane only.
    pub internal_info: JsonMap,
    /// Which switch port it is cabled to.
    pub local_link_connection: JsonMap,
    /// Whether the card is a smart NIC.
    pub is_smartnic: bool,
    /// Free text, at most 255 characters.
    pub description: Option<String>,
    /// Vendor of the card, at most 32 characters.
    pub vendor: Option<String>,
    /// Operator's category, at most 80 characters.
    pub category: Option<String>,
    /// Whether it may become a member of a portgroup that is made at deploy time.
    pub available_for_dynamic_portgroup: bool,
}

impl Default for PortDetail {
    fn default() -> Self {
        Self {
            extra: JsonMap::new(),
            internal_info: JsonMap::new(),
            local_link_connection: JsonMap::new(),
            is_smartnic: false,
            description: None,
            vendor: None,
            category: None,
            available_for_dynamic_portgroup: true,
        }
    }
}

impl Port {
    /// A new port with everything else as it usually is.
    pub fn new(uuid: Uuid, node_uuid: Uuid, address: impl Into<String>) -> Self {
        Self {
            id: 0,
            uuid,
            node_uuid,
            address: address.into(),
            name: None,
            portgroup_uuid: None,
            pxe_enabled: true,
            physical_network: None,
            detail: PortDetail::default(),
            created_at: None,
            updated_at: None,
        }
    }
}

/// Brings a MAC address with colons into its stored form; `None` if it is not one.
pub fn normalize_mac(text: &str) -> Option<String> {
    let octets: Vec<&str> = text.split(':').collect();
    let octet = |o: &&str| o.len() == 2 && o.bytes().all(|b| b.is_ascii_hexdigit());
    (octets.len() == 6 && octets.iter().all(octet)).then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::normalize_mac;

    #[test]
    fn only_macs_with_colons_are_accepted() {
        assert_eq!(normalize_mac("52:54:00:AA:bb:01").as_deref(), Some("52:54:00:aa:bb:01"));
        for bad in ["52-54-00-aa-bb-01", "52:54:00:aa:bb", "52:54:00:aa:bb:0g", ""] {
            assert_eq!(normalize_mac(bad), None, "{bad}");
        }
    }
}
