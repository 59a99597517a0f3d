//! VIFs: interfaces of virtual networks, attached to the ports and portgroups of a node. Which one takes a VIF is decided here.
//!
//! A VIF stands in `internal_info` of the port or portgroup that took it.
//!
//! Source: `contract: rest-api` section 4.3, `contract: hardware-interfaces` section 8.

use crate::JsonMap;
use crate::failure::code;
use crate::port::Port;
use crate::portgroup::Portgroup;
use serde_json::Value;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Key of `internal_info` that holds the VIF of the node's user.
pub const TENANT_VIF: &str = "tenant_vif_port_id";

/// Network interfaces of nodes that leave all networks as they are: VIFs are accepted and forgotten.
pub const NETWORKS_WITHOUT_VIFS: [&str; 1] = ["noop"];

/// Network interface that can use a port only if it knows what the port is cabled to.
const NEEDS_LINK: &str = "neutron";

/// What can take a VIF.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum VifHost<'a> {
    /// A port by itself.
    Port(&'a Port),
    /// A portgroup with its ports.
    Portgroup(&'a Portgroup),
}

/// What is wished for when a VIF is attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VifWish<'a> {
    /// The VIF.
    pub vif: &'a str,
    /// Only this port may take it.
    pub port: Option<Uuid>,
    /// Only this portgroup may take it.
    pub portgroup: Option<Uuid>,
    /// The network interface of the node.
    pub network: &'a str,
}

/// Why a VIF is not attached or detached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VifError {
    /// Something of the node has it already.
    #[error("Unable to attach VIF because VIF {vif} is already attached to Ironic {host}")]
    AlreadyAttached {
        /// The VIF.
        vif: String,
        /// Where it is.
        host: String,
    },
    /// Nothing of the node can take it.
    #[error("Unable to attach VIF {vif}, not enough free physical ports.")]
    NoFreePort {
        /// The VIF.
        vif: String,
    },
    /// Nothing of the node has it.
    #[error("Unable to detach VIF {vif} from node {node} because it is not attached to it.")]
    NotAttached {
        /// The VIF.
        vif: String,
        /// The node.
        node: Uuid,
    },
    /// There is no such VIF.
    #[error("Neutron port {vif} was not found")]
    Unknown {
        /// The VIF.
        vif: String,
    },
    /// The VIF cannot be used by the node.
    #[error("Unable to attach VIF {vif}: {reason}.")]
    Unusable {
        /// The VIF.
        vif: String,
        /// Why.
        reason: String,
    },
}

impl VifError {
    /// Stable code of the failure that a conductor makes of it.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AlreadyAttached { .. } => code::VIF_ALREADY_ATTACHED,
            Self::NoFreePort { .. } => code::VIF_NO_FREE_PORT,
            Self::NotAttached { .. } => code::VIF_NOT_ATTACHED,
            Self::Unknown { .. } => code::VIF_UNKNOWN,
            Self::Unusable { .. } => code::VIF_UNUSABLE,
        }
    }
}

impl<'a> VifHost<'a> {
    /// Everything of a node that can take VIFs.
    pub fn all(ports: &'a [Port], portgroups: &'a [Portgroup]) -> impl Iterator<Item = Self> {
        ports.iter().map(VifHost::Port).chain(portgroups.iter().map(VifHost::Portgroup))
    }

    /// Its identity.
    pub const fn uuid(self) -> Uuid {
        match self {
            Self::Port(port) => port.uuid,
            Self::Portgroup(group) => group.uuid,
        }
    }

    /// Its MAC address, if it has one.
    pub fn address(self) -> Option<&'a str> {
        match self {
            Self::Port(port) => Some(&port.address),
            Self::Portgroup(group) => group.address.as_deref(),
        }
    }

    /// The VIF that it has taken.
    pub fn vif(self) -> Option<&'a str> {
        tenant_vif(match self {
            Self::Port(port) => &port.detail.internal_info,
            Self::Portgroup(group) => &group.detail.internal_info,
        })
    }
}

impl std::fmt::Display for VifHost<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Port(port) => write!(f, "Port {}", port.uuid),
            Self::Portgroup(group) => write!(f, "Portgroup {}", group.uuid),
        }
    }
}

/// The VIF that stands in an `internal_info`.
pub fn tenant_vif(internal_info: &JsonMap) -> Option<&str> {
    internal_info.get(TENANT_VIF).and_then(Value::as_str).filter(|vif| !vif.is_empty())
}

/// What has taken a VIF.
///
/// **Errors**: `NotAttached`.
pub fn host_of<'a>(
    node: Uuid,
    vif: &str,
    ports: &'a [Port],
    portgroups: &'a [Portgroup],
) -> Result<VifHost<'a>, VifError> {
    VifHost::all(ports, portgroups)
        .find(|host| host.vif() == Some(vif))
        .ok_or_else(|| VifError::NotAttached { vif: vif.to_owned(), node })
}

/// Chooses what is to take a VIF that may be on one of `physical_networks`; none means that nobody knows.
///
/// Portgroups go before ports, ports that may boot the ramdisk before others, and known physical networks before both.
/// A portgroup whose ports have VIFs of their own is not used as a whole; an empty one never is.
///
/// **Errors**: `AlreadyAttached`, `NoFreePort`.
pub fn choose_host<'a>(
    wish: &VifWish<'_>,
    ports: &'a [Port],
    portgroups: &'a [Portgroup],
    physical_networks: &BTreeSet<String>,
) -> Result<VifHost<'a>, VifError> {
    if let Some(host) = VifHost::all(ports, portgroups).find(|host| host.vif() == Some(wish.vif)) {
        return Err(VifError::AlreadyAttached { vif: wish.vif.to_owned(), host: host.to_string() });
    }
    let split = |group: Uuid| members(ports, group).any(|port| VifHost::Port(port).vif().is_some());
    let usable = |port: &&Port| {
        let network = port.physical_network.as_ref();
        VifHost::Port(port).vif().is_none()
            && (physical_networks.is_empty() || network.is_none_or(|name| physical_networks.contains(name)))
            && (wish.network != NEEDS_LINK || can_be_switched(port))
    };
    let alone = ports
        .iter()
        .filter(usable)
        .filter(|port| port.portgroup_uuid.is_none_or(split))
        .filter(|port| wish.portgroup.is_none() && wish.port.is_none_or(|uuid| uuid == port.uuid))
        .map(VifHost::Port);
    let together = portgroups
        .iter()
        .filter(|group| VifHost::Portgroup(group).vif().is_none() && !split(group.uuid))
        .filter(|group| members(ports, group.uuid).any(|port| usable(&port)))
        .filter(|group| wish.port.is_none() && wish.portgroup.is_none_or(|uuid| uuid == group.uuid))
        .map(VifHost::Portgroup);
    let known =
        |port: &Port| port.physical_network.as_ref().is_some_and(|name| physical_networks.contains(name));
    // Of equals the first one is taken, as operators listed them.
    alone
        .chain(together)
        .min_by_key(|host| match host {
            VifHost::Port(port) => (!known(port), true, !port.pxe_enabled),
            VifHost::Portgroup(group) => (!members(ports, group.uuid).any(known), false, false),
        })
        .ok_or_else(|| VifError::NoFreePort { vif: wish.vif.to_owned() })
}

/// The ports of a portgroup.
pub fn members(ports: &[Port], group: Uuid) -> impl Iterator<Item = &Port> {
    ports.iter().filter(move |port| port.portgroup_uuid == Some(group))
}

/// Whether it is known what the port is cabled to; InfiniBand needs no such knowledge.
pub fn can_be_switched(port: &Port) -> bool {
    port.detail.extra.get("client-id").is_some_and(|id| !id.is_null())
        || !port.detail.local_link_connection.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portgroup::PortgroupDetail;
    use serde_json::json;

    fn port(number: u128) -> Port {
        Port::new(Uuid::from_u128(number), Uuid::nil(), format!("52:54:00:00:00:{number:02x}"))
    }

    fn group(number: u128) -> Portgroup {
        Portgroup {
            id: 0,
            uuid: Uuid::from_u128(number),
            node_uuid: Uuid::nil(),
            name: None,
            address: None,
            mode: None,
            standalone_ports_supported: true,
            physical_network: None,
            category: None,
            dynamic_portgroup: false,
            detail: PortgroupDetail::default(),
            created_at: time::OffsetDateTime::UNIX_EPOCH,
            updated_at: None,
        }
    }

    fn in_group(port: Port, group: u128) -> Port {
        Port { portgroup_uuid: Some(Uuid::from_u128(group)), ..port }
    }

    fn with_vif(mut port: Port, vif: &str) -> Port {
        port.detail.internal_info.insert(TENANT_VIF.into(), json!(vif));
        port
    }

    const WISH: VifWish<'_> = VifWish { vif: "new", port: None, portgroup: None, network: "flat" };

    fn chosen(wish: &VifWish<'_>, ports: &[Port], groups: &[Portgroup], networks: &[&str]) -> Option<u128> {
        let networks = networks.iter().map(|name| (*name).to_owned()).collect();
        choose_host(wish, ports, groups, &networks).ok().map(|host| host.uuid().as_u128())
    }

    #[test]
    fn the_best_free_host_is_chosen() {
        let no_pxe = Port { pxe_enabled: false, ..port(1) };
        let on_b = Port { physical_network: Some("b".into()), ..port(3) };
        let ports = [no_pxe.clone(), port(2), on_b.clone(), in_group(port(4), 9)];
        assert_eq!(chosen(&WISH, &ports, &[group(9)], &[]), Some(9), "a portgroup goes first");
        assert_eq!(chosen(&WISH, &ports, &[], &[]), Some(2), "then a port that boots the ramdisk");
        assert_eq!(chosen(&WISH, &ports, &[group(9)], &["b"]), Some(3), "a known network goes before all");
        assert_eq!(chosen(&WISH, &[on_b, no_pxe], &[], &["a"]), Some(1), "a wrong network is not used");
    }

    #[test]
    fn what_is_taken_or_empty_is_not_used() {
        assert_eq!(chosen(&WISH, &[], &[group(9)], &[]), None, "a portgroup without ports");
        assert_eq!(chosen(&WISH, &[with_vif(port(1), "old")], &[], &[]), None);
        let split = [with_vif(in_group(port(1), 9), "old"), in_group(port(2), 9)];
        assert_eq!(chosen(&WISH, &split, &[group(9)], &[]), Some(2), "a portgroup whose ports have VIFs");
        let mut busy = group(9);
        busy.detail.internal_info.insert(TENANT_VIF.into(), json!("old"));
        assert_eq!(
            chosen(&WISH, &[in_group(port(1), 9)], &[busy], &[]),
            None,
            "ports of a portgroup with a VIF"
        );
    }

    #[test]
    fn wishes_and_what_is_attached_are_respected() {
        let ports = [port(1), port(2), in_group(port(3), 9)];
        let by_port = VifWish { port: Some(Uuid::from_u128(2)), ..WISH };
        assert_eq!(chosen(&by_port, &ports, &[group(9)], &[]), Some(2));
        let by_group = VifWish { portgroup: Some(Uuid::from_u128(9)), ..WISH };
        assert_eq!(chosen(&by_group, &ports, &[group(8), group(9)], &[]), Some(9));
        assert_eq!(chosen(&VifWish { port: Some(Uuid::from_u128(7)), ..WISH }, &ports, &[], &[]), None);
        let switched = VifWish { network: "neutron", ..WISH };
        assert_eq!(chosen(&switched, &ports, &[group(9)], &[]), None, "nobody knows what they are cabled to");

        let taken = [with_vif(port(1), "new"), port(2)];
        let error = choose_host(&WISH, &taken, &[], &BTreeSet::new()).unwrap_err();
        assert_eq!(error.code(), "vif-already-attached");
        assert_eq!(host_of(Uuid::nil(), "new", &taken, &[]).unwrap().uuid(), taken[0].uuid);
        assert_eq!(host_of(Uuid::nil(), "none", &taken, &[]).unwrap_err().code(), "vif-not-attached");
    }
}
