//! The networks of ramdisks: ports of Neutron that live as long as the ramdisk does.

use super::binding::{BAREMETAL, profile, smart_nic_host};
use crate::client::Neutron;
use ferric_hardware::interface::RamdiskNetwork;
use ferric_hardware::{HardwareError, HardwareErrorKind, TaskView};
use ferric_model::JsonMap;
use ferric_model::failure::code;
use ferric_model::node::Node;
use ferric_model::port::Port;
use ferric_model::report::{Observed, PortChange};
use serde_json::{Value, json};

/// The network that the node or else the configuration names.
pub fn named<'a>(neutron: &'a Neutron, node: &'a Node, network: RamdiskNetwork) -> Option<&'a str> {
    let config = neutron.config();
    let configured = match network {
        RamdiskNetwork::Provisioning => &config.provisioning_network,
        RamdiskNetwork::Cleaning => &config.cleaning_network,
        RamdiskNetwork::Inspection => &config.inspection_network,
        RamdiskNetwork::Rescuing => &config.rescuing_network,
        RamdiskNetwork::Servicing => &config.servicing_network,
    };
    let own = node.driver_info_str(&format!("{}_network", network.as_str()));
    own.or(Some(configured.as_str())).filter(|name| !name.is_empty())
}

/// No network is named for what is to be done.
pub fn unnamed(network: RamdiskNetwork) -> HardwareError {
    let word = network.as_str();
    HardwareError::new(
        HardwareErrorKind::InvalidParameter,
        code::NETWORK_NOT_NAMED,
        format!("no network is named for {word}"),
        format!(
            "set '{word}_network' in the node's driver_info, or the key 'neutron.{word}_network' of the conductors"
        ),
    )
}

/// Makes a port of Neutron for each card that the ramdisk may use. Those that an earlier try left are taken away first.
pub async fn enter(
    neutron: &Neutron,
    task: &TaskView,
    network: RamdiskNetwork,
    name: &str,
    usable: impl Fn(&Port) -> bool,
) -> Result<Observed, HardwareError> {
    let id = neutron.find_network(name).await?;
    remove(neutron, task, &id).await?;
    let all = neutron.config().add_all_ports;
    let wanted: Vec<&Port> =
        task.ports.iter().filter(|port| (port.pxe_enabled || all) && usable(port)).collect();
    if !wanted.iter().any(|port| port.pxe_enabled) {
        return Err(HardwareError::new(
            HardwareErrorKind::InvalidParameter,
            code::NETWORK_NO_PORT,
            format!("the node has no port that could be brought into the {} network", network.as_str()),
            "create a port with pxe_enabled and, for the network interface neutron, with local_link_connection",
        ));
    }
    let mut changes = Vec::new();
    for port in wanted {
        match neutron.create_port(attributes(task, port, &id)).await {
            Ok(made) => changes.push(change(port, network, made.id.into())),
            Err(error) => {
                if let Err(left) = remove(neutron, task, &id).await {
                    tracing::warn!(node.uuid = %task.node.uuid, %left, "ports may be left in Neutron");
                }
                return Err(error.into());
            }
        }
    }
    tracing::info!(node.uuid = %task.node.uuid, network = network.as_str(), ports = changes.len(), "network entered");
    Ok(Observed { port_changes: changes, ..Observed::default() })
}

/// Deletes what [`enter`] made, whoever made it.
pub async fn leave(
    neutron: &Neutron,
    task: &TaskView,
    network: RamdiskNetwork,
    name: &str,
) -> Result<Observed, HardwareError> {
    let id = neutron.find_network(name).await?;
    remove(neutron, task, &id).await?;
    let port_changes = task.ports.iter().map(|port| change(port, network, Value::Null)).collect();
    Ok(Observed { port_changes, ..Observed::default() })
}

async fn remove(neutron: &Neutron, task: &TaskView, network: &str) -> Result<(), HardwareError> {
    let macs: Vec<String> = task.ports.iter().map(|port| port.address.clone()).collect();
    if macs.is_empty() {
        return Ok(());
    }
    for port in neutron.list_ports(network, &macs).await? {
        neutron.delete_port(&port).await?;
    }
    Ok(())
}

fn attributes(task: &TaskView, port: &Port, network: &str) -> Value {
    let node = &task.node;
    let mut attributes = json!({
        "network_id": network,
        "admin_state_up": true,
        "device_id": node.instance_uuid.unwrap_or(node.uuid),
        "device_owner": "baremetal:none",
        "mac_address": port.address,
        "binding:vnic_type": BAREMETAL,
        "binding:host_id": smart_nic_host(port).unwrap_or_else(|| json!(node.uuid)),
        "binding:profile": profile(port),
    });
    if !port.pxe_enabled {
        attributes["fixed_ips"] = json!([]);
    }
    attributes
}

fn change(port: &Port, network: RamdiskNetwork, vif: Value) -> PortChange {
    let key = format!("{}_vif_port_id", network.as_str());
    PortChange::of_port(port.uuid, JsonMap::from_iter([(key, vif)]))
}
