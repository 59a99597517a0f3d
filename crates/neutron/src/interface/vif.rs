//! Attaching and detaching VIFs, for both network interfaces.

use super::binding::{self, Detail};
use crate::client::Neutron;
use crate::error::NeutronError;
use ferric_hardware::{HardwareError, HardwareErrorKind, TaskView};
use ferric_model::JsonMap;
use ferric_model::failure::code;
use ferric_model::hardware::InterfaceKind;
use ferric_model::lifecycle::ProvisionState;
use ferric_model::report::{Observed, PortChange};
use ferric_model::task::params::AttachVif;
use ferric_model::vif::{TENANT_VIF, VifError, VifHost, VifWish, choose_host, host_of};
use serde_json::Value;
use std::collections::BTreeSet;

/// Attaches a VIF.
///
/// **Errors**: codes of [`VifError`]; what Neutron says.
pub async fn attach(
    neutron: &Neutron,
    task: &TaskView,
    asked: &AttachVif,
    detail: Detail,
) -> Result<Observed, HardwareError> {
    let port = neutron.get_port(&asked.vif).await.map_err(|error| match error {
        NeutronError::NotFound { .. } => refused(VifError::Unknown { vif: asked.vif.clone() }),
        error => error.into(),
    })?;
    let networks = neutron.physical_networks(&port).await?;
    check_segments(task, &asked.vif, &networks).map_err(refused)?;
    let network = task.node.spec.interfaces.get(&InterfaceKind::Network);
    let wish = VifWish {
        vif: &asked.vif,
        port: asked.port_uuid,
        portgroup: asked.portgroup_uuid,
        network: network.map_or("", String::as_str),
    };
    let host = choose_host(&wish, &task.ports, &task.portgroups, &networks).map_err(refused)?;
    binding::reserve(neutron, task, &port, host).await?;
    if task.node.state() == ProvisionState::Active {
        binding::bind(neutron, task, host, &asked.vif, detail).await?;
    }
    tracing::info!(node.uuid = %task.node.uuid, vif = asked.vif, %host, "VIF attached");
    Ok(changed(host, asked.vif.clone().into()))
}

/// Detaches a VIF.
///
/// **Errors**: as [`attach`].
pub async fn detach(neutron: &Neutron, task: &TaskView, vif: &str) -> Result<Observed, HardwareError> {
    let host = host_of(task.node.uuid, vif, &task.ports, &task.portgroups).map_err(refused)?;
    binding::free(neutron, vif).await?;
    tracing::info!(node.uuid = %task.node.uuid, vif, %host, "VIF detached");
    Ok(changed(host, Value::Null))
}

/// Every VIF of the node, with what has taken it.
pub fn attached(task: &TaskView) -> impl Iterator<Item = (VifHost<'_>, &str)> {
    VifHost::all(&task.ports, &task.portgroups).filter_map(|host| Some((host, host.vif()?)))
}

/// Binds every VIF of the node; says how many there are.
pub async fn connect(neutron: &Neutron, task: &TaskView, detail: Detail) -> Result<usize, HardwareError> {
    let mut connected = 0_usize;
    for (host, vif) in attached(task) {
        binding::bind(neutron, task, host, vif, detail).await?;
        connected += 1;
    }
    Ok(connected)
}

/// No VIF is attached to a node that is in no network without one.
pub fn none_attached() -> HardwareError {
    HardwareError::new(
        HardwareErrorKind::InvalidParameter,
        code::VIF_NONE_ATTACHED,
        "no VIF is attached to the node, so that nothing could be connected",
        "attach a VIF to the node (POST /v1/nodes/<node>/vifs), or give it the network interface noop",
    )
}

/// Frees every VIF of the node; they stay attached.
pub async fn disconnect(neutron: &Neutron, task: &TaskView) -> Result<(), HardwareError> {
    for (_, vif) in attached(task) {
        binding::free(neutron, vif).await?;
    }
    Ok(())
}

/// Neutron connects a host to one segment of a network only.
fn check_segments(task: &TaskView, vif: &str, networks: &BTreeSet<String>) -> Result<(), VifError> {
    let known: BTreeSet<&String> =
        task.ports.iter().filter_map(|port| port.physical_network.as_ref()).collect();
    if networks.len() > 1 && networks.iter().filter(|name| known.contains(name)).count() > 1 {
        let reason = "the node has ports on several segments of its network".to_owned();
        return Err(VifError::Unusable { vif: vif.to_owned(), reason });
    }
    Ok(())
}

fn refused(error: VifError) -> HardwareError {
    let advice = match error {
        VifError::AlreadyAttached { .. } => "detach it first, or leave it where it is",
        VifError::NoFreePort { .. } => {
            "detach another VIF, create ports, or correct their physical_network and local_link_connection"
        }
        VifError::NotAttached { .. } => "list the VIFs of the node to see which there are",
        VifError::Unknown { .. } => "name a port of Neutron by its UUID",
        VifError::Unusable { .. } => "use a port of Neutron that the node's cables reach",
    };
    HardwareError::new(HardwareErrorKind::InvalidParameter, error.code(), error.to_string(), advice)
}

fn changed(host: VifHost<'_>, vif: Value) -> Observed {
    let internal_info = JsonMap::from_iter([(TENANT_VIF.to_owned(), vif)]);
    let change = match host {
        VifHost::Port(port) => PortChange::of_port(port.uuid, internal_info),
        VifHost::Portgroup(group) => PortChange::of_portgroup(group.uuid, internal_info),
    };
    Observed { port_changes: vec![change], ..Observed::default() }
}
