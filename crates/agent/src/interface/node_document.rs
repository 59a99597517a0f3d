//! A node and its ports as the agent gets to see them: Ironic's field names, no secrets.

use crate::config::AgentConfig;
use crate::erasure::ErasureConfig;
use ferric_hardware::TaskView;
use ferric_model::JsonMap;
use ferric_model::node::Node;
use ferric_model::port::Port;
use ferric_model::redact::mask;
use serde_json::{Value, json};

/// Keys of `driver_internal_info` that are only for conductors.
const CONDUCTORS_OWN: [&str; 3] = ["agent_secret_token", "agent_secret_token_pregenerated", "agent_command"];

/// The parameters `node` and `ports` of a command.
///
/// **Invariant**: the token and the configdrive are not in it; what looks like a secret is masked.
pub fn parameters(task: &TaskView, config: &AgentConfig) -> JsonMap {
    let ports: Vec<Value> = task.ports.iter().map(port).collect();
    JsonMap::from_iter([
        ("node".to_owned(), node(&task.node, &config.erasure)),
        ("ports".to_owned(), ports.into()),
    ])
}

fn node(node: &Node, erasure: &ErasureConfig) -> Value {
    let (spec, status) = (&node.spec, &node.status);
    let masked = |document: &JsonMap, leave_out: &[&str]| {
        let mut document = document.clone();
        document.retain(|key, _| !leave_out.contains(&key.as_str()));
        mask(&mut document, &["image_url"]);
        document
    };
    let mut internal = masked(&status.driver_internal_info, &CONDUCTORS_OWN);
    erasure.add_to(&mut internal);
    let mut document = json!({
        "uuid": node.uuid,
        "name": node.name,
        "driver": node.driver,
        "driver_info": masked(&spec.driver_info, &[]),
        "driver_internal_info": internal,
        "instance_info": masked(&spec.instance_info, &["configdrive"]),
        "instance_uuid": node.instance_uuid,
        "properties": spec.properties,
        "extra": spec.extra,
        "traits": node.traits,
        "resource_class": node.resource_class,
        "network_data": spec.network_data,
        "provision_state": node.provision.state().as_str(),
        "target_provision_state": node.provision.target().map(|state| state.as_str()),
        "power_state": node.power_state,
        "maintenance": node.maintenance,
        "boot_mode": status.boot_mode,
        "secure_boot": status.secure_boot,
        "raid_config": status.raid_config,
        "target_raid_config": spec.target_raid_config,
        "clean_step": masked(&status.clean_step, &[]),
        "deploy_step": masked(&status.deploy_step, &[]),
        "service_step": masked(&status.service_step, &[]),
    });
    for (kind, name) in &spec.interfaces {
        document[format!("{kind}_interface")] = name.as_str().into();
    }
    document
}

fn port(port: &Port) -> Value {
    json!({
        "uuid": port.uuid,
        "node_uuid": port.node_uuid,
        "address": port.address,
        "name": port.name,
        "portgroup_uuid": port.portgroup_uuid,
        "pxe_enabled": port.pxe_enabled,
        "physical_network": port.physical_network,
        "local_link_connection": port.detail.local_link_connection,
        "is_smartnic": port.detail.is_smartnic,
        "extra": port.detail.extra,
        "internal_info": port.detail.internal_info,
    })
}
