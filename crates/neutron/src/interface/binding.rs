//! Binding ports of Neutron to a node, and freeing them.
//!
//! Source: `contract: hardware-interfaces` section 8; Networking API v2.0, extension "binding".

use crate::client::{NetworkPort, Neutron};
use crate::error::NeutronError;
use ferric_hardware::TaskView;
use ferric_model::port::Port;
use ferric_model::vif::{VifHost, members};
use serde_json::{Map, Value, json};

/// What Neutron calls a port that is a card of a physical server.
pub const BAREMETAL: &str = "baremetal";

/// The same if the card is a smart NIC.
const SMART_NIC: &str = "smart-nic";

/// What Neutron is told when a port is bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// The node, and nothing about cables: the switches are set up by hand.
    Node,
    /// Also what the node is cabled to, so that Neutron can set up the switches.
    Cables,
}

/// Frees a port: its binding is taken off, then its address made up anew, for a bound port's address cannot change.
///
/// A port that Neutron does not know any more is free.
pub async fn free(neutron: &Neutron, vif: &str) -> Result<(), NeutronError> {
    let unbind = json!({"binding:host_id": "", "binding:profile": {}});
    let freed = async {
        neutron.update_port(vif, unbind).await?;
        neutron.update_port(vif, json!({"mac_address": null})).await
    };
    match freed.await {
        Err(NeutronError::NotFound { .. }) => Ok(()),
        freed => freed,
    }
}

/// Gives a port the MAC address of what took it, and tells Neutron the node, so that it can choose an address already.
pub async fn reserve(
    neutron: &Neutron,
    task: &TaskView,
    port: &NetworkPort,
    host: VifHost<'_>,
) -> Result<(), NeutronError> {
    if port.is_bound() {
        free(neutron, &port.id).await?;
    }
    if let Some(address) = host.address() {
        neutron.update_port(&port.id, json!({"mac_address": address})).await?;
    }
    let seed = json!({
        "binding:vnic_type": BAREMETAL,
        "binding:host_id": task.node.uuid,
        "binding:profile": {},
    });
    neutron.update_port(&port.id, seed).await
}

/// Binds the VIF of `host` to the node.
pub async fn bind(
    neutron: &Neutron,
    task: &TaskView,
    host: VifHost<'_>,
    vif: &str,
    detail: Detail,
) -> Result<(), NeutronError> {
    neutron.update_port(vif, attributes(task, host, detail)).await
}

fn attributes(task: &TaskView, host: VifHost<'_>, detail: Detail) -> Value {
    let mut attributes = Map::new();
    let mut put = |key: &str, value: Value| {
        attributes.insert(key.to_owned(), value);
    };
    put("binding:vnic_type", json!(BAREMETAL));
    put("binding:host_id", json!(task.node.uuid));
    if let Some(address) = host.address() {
        put("mac_address", json!(address));
    }
    if detail == Detail::Node {
        return attributes.into();
    }
    match host {
        VifHost::Port(port) => {
            put("binding:profile", profile(port));
            if let Some(smart) = smart_nic_host(port) {
                put("binding:host_id", smart);
                put("binding:vnic_type", json!(SMART_NIC));
            }
            if let Some(id) = port.detail.extra.get("client-id").filter(|id| !id.is_null()) {
                // Number of the DHCP option "client identifier".
                put("extra_dhcp_opts", json!([{"opt_name": "61", "opt_value": id}]));
            }
        }
        VifHost::Portgroup(group) => {
            let links: Vec<&Map<String, Value>> =
                members(&task.ports, group.uuid).map(|port| &port.detail.local_link_connection).collect();
            let bond =
                |key: &String| if key.starts_with("bond") { key.clone() } else { format!("bond_{key}") };
            let properties: Map<String, Value> =
                group.detail.properties.iter().map(|(key, value)| (bond(key), value.clone())).collect();
            put(
                "binding:profile",
                json!({
                    "local_link_information": links,
                    "local_group_information": {
                        "id": group.uuid, "name": group.name, "bond_mode": group.mode, "bond_properties": properties,
                    },
                }),
            );
        }
    }
    attributes.into()
}

/// What a port is cabled to, in the words of Neutron's binding profile.
pub fn profile(port: &Port) -> Value {
    let mut profile = json!({"local_link_information": [port.detail.local_link_connection]});
    if let Some(network) = &port.physical_network {
        profile["physical_network"] = json!(network);
    }
    profile
}

/// The host that serves a smart NIC: the card itself.
pub fn smart_nic_host(port: &Port) -> Option<Value> {
    port.detail.local_link_connection.get("hostname").filter(|_| port.detail.is_smartnic).cloned()
}
