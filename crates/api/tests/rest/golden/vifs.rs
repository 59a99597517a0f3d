//! What a conductor would do with VIFs if Neutron knew every one but those of `UNKNOWN` and refused to touch `broken`.

use super::conductor::{Said, refused};
use ferric_control::Grant;
use ferric_model::JsonMap;
use ferric_model::action::Action;
use ferric_model::hardware::InterfaceKind;
use ferric_model::report::{Observed, PortChange, TaskOutcome};
use ferric_model::task::params::{AttachVif, DetachVif};
use ferric_model::vif::{TENANT_VIF, VifError, VifHost, VifWish, choose_host, host_of};
use serde_json::{Value, from_value, json};
use std::collections::BTreeSet;

const UNKNOWN: [&str; 3] = ["unknown", "a-name", "99999999-0000-4000-8000-000000000009"];

/// The only report of a task that attaches or detaches.
pub fn report(grant: &Grant) -> Said {
    let network = grant.node.spec.interfaces[&InterfaceKind::Network].as_str();
    let (ports, groups) = (&grant.ports, &grant.portgroups);
    let chosen = if grant.action == Action::AttachVif {
        let AttachVif { vif, port_uuid, portgroup_uuid } = from_value(grant.params.clone()).unwrap();
        let wish = VifWish { vif: &vif, port: port_uuid, portgroup: portgroup_uuid, network };
        match vif.as_str() {
            name if UNKNOWN.contains(&name) => Err(VifError::Unknown { vif }),
            "broken" => return (refused("neutron-refused", "Neutron refused"), None, Observed::default()),
            name => choose_host(&wish, ports, groups, &BTreeSet::new()).map(|host| (host, json!(name))),
        }
    } else {
        let DetachVif { vif } = from_value(grant.params.clone()).unwrap();
        host_of(grant.node.uuid, &vif, ports, groups).map(|host| (host, Value::Null))
    };
    match chosen {
        Ok((host, vif)) => (TaskOutcome::Succeeded { result: Some(json!({})) }, None, changed(host, vif)),
        Err(error) => (refused(error.code(), &error.to_string()), None, Observed::default()),
    }
}

fn changed(host: VifHost<'_>, vif: Value) -> Observed {
    let patch = JsonMap::from_iter([(TENANT_VIF.to_owned(), vif)]);
    let change = match host {
        VifHost::Port(port) => PortChange::of_port(port.uuid, patch),
        VifHost::Portgroup(group) => PortChange::of_portgroup(group.uuid, patch),
    };
    Observed { port_changes: vec![change], ..Observed::default() }
}
