//! Attaching and detaching.

use crate::cloud::{Cloud, port, task};
use ferric_model::lifecycle::{Provision, ProvisionState};
use ferric_model::portgroup::{Portgroup, PortgroupDetail};
use ferric_model::report::PortChange;
use ferric_model::task::params::AttachVif;
use ferric_model::vif::TENANT_VIF;
use ferric_neutron::{flat, neutron};
use serde_json::json;
use uuid::Uuid;

fn vif(id: &str) -> AttachVif {
    AttachVif { vif: id.to_owned(), ..AttachVif::default() }
}

fn tenant(uuid: Uuid, vif: serde_json::Value) -> PortChange {
    PortChange::of_port(uuid, json!({TENANT_VIF: vif}).as_object().cloned().unwrap())
}

#[tokio::test]
async fn a_vif_is_given_to_a_port_and_taken_back() {
    let cloud = Cloud::start().await;
    cloud.add_port("vif-1");
    let network = flat(cloud.client());
    let mut task = task(vec![port(7)]);
    let seen = network.attach_vif(&task, &vif("vif-1")).await.unwrap();
    assert_eq!(seen.port_changes, [tenant(task.ports[0].uuid, json!("vif-1"))]);
    let taken = cloud.port("vif-1");
    assert_eq!(taken["mac_address"], "52:54:00:00:00:07");
    assert_eq!(taken["binding:host_id"], json!(task.node.uuid));
    assert_eq!(taken["binding:vnic_type"], "baremetal");

    task.ports[0].detail.internal_info.insert(TENANT_VIF.into(), json!("vif-1"));
    assert_eq!(network.attach_vif(&task, &vif("vif-1")).await.unwrap_err().code, "vif-already-attached");
    cloud.add_port("vif-2");
    assert_eq!(network.attach_vif(&task, &vif("vif-2")).await.unwrap_err().code, "vif-no-free-port");

    let seen = network.detach_vif(&task, "vif-1").await.unwrap();
    assert_eq!(seen.port_changes, [tenant(task.ports[0].uuid, json!(null))]);
    let freed = cloud.port("vif-1");
    assert_eq!((&freed["binding:host_id"], &freed["mac_address"]), (&json!(""), &json!(null)));
    assert_eq!(network.detach_vif(&task, "vif-9").await.unwrap_err().code, "vif-not-attached");
}

#[tokio::test]
async fn a_port_that_is_bound_elsewhere_is_freed_first() {
    let cloud = Cloud::start().await;
    cloud.add_port("vif-1");
    cloud.state().ports.get_mut("vif-1").unwrap()["binding:host_id"] = json!("elsewhere");
    flat(cloud.client()).attach_vif(&task(vec![port(7)]), &vif("vif-1")).await.unwrap();
    assert_eq!(cloud.port("vif-1")["mac_address"], "52:54:00:00:00:07");
}

#[tokio::test]
async fn a_vif_that_neutron_does_not_know_is_the_callers_mistake_and_detaching_it_is_none() {
    let cloud = Cloud::start().await;
    let network = flat(cloud.client());
    let mut task = task(vec![port(7)]);
    let error = network.attach_vif(&task, &vif("../networks/net")).await.unwrap_err();
    assert_eq!(error.code, "vif-unknown");
    assert_eq!(cloud.calls(), ["GET /v2.0/ports/%2E%2E%2Fnetworks%2Fnet"]);
    task.ports[0].detail.internal_info.insert(TENANT_VIF.into(), json!("gone"));
    network.detach_vif(&task, "gone").await.unwrap();
}

#[tokio::test]
async fn an_active_node_is_connected_at_once_with_its_cables() {
    let cloud = Cloud::start().await;
    cloud.add_port("vif-1");
    let mut task = task(vec![port(7)]);
    task.node.provision = Provision::initial(ProvisionState::Active);
    task.ports[0].physical_network = Some("physnet1".to_owned());
    neutron(cloud.client()).attach_vif(&task, &vif("vif-1")).await.unwrap();
    let link = json!({"switch_id": "aa:bb", "port_id": "eth7"});
    let profile = json!({"local_link_information": [link], "physical_network": "physnet1"});
    assert_eq!(cloud.port("vif-1")["binding:profile"], profile);
}

#[tokio::test]
async fn a_portgroup_is_bound_with_all_its_cables() {
    let cloud = Cloud::start().await;
    cloud.add_port("vif-1");
    let group = Portgroup {
        id: 1,
        uuid: Uuid::from_u128(9),
        node_uuid: Uuid::from_u128(1),
        name: Some("bond0".to_owned()),
        address: None,
        mode: Some("802.3ad".to_owned()),
        standalone_ports_supported: true,
        physical_network: None,
        category: None,
        dynamic_portgroup: false,
        detail: PortgroupDetail {
            properties: json!({"miimon": 100, "bond_xmit": "x"}).as_object().cloned().unwrap(),
            ..PortgroupDetail::default()
        },
        created_at: time::OffsetDateTime::UNIX_EPOCH,
        updated_at: None,
    };
    let mut task = task(vec![port(7), port(8)]);
    for port in &mut task.ports {
        port.portgroup_uuid = Some(group.uuid);
    }
    task.portgroups.push(group);
    task.node.provision = Provision::initial(ProvisionState::Active);
    let seen = neutron(cloud.client()).attach_vif(&task, &vif("vif-1")).await.unwrap();
    assert_eq!(seen.port_changes.len(), 1);
    assert!(seen.port_changes[0].of_group && seen.port_changes[0].uuid == Uuid::from_u128(9));
    let bound = cloud.port("vif-1");
    assert_eq!(bound["mac_address"], "fa:16:3e:00:00:01", "a portgroup without an address leaves Neutron's");
    assert_eq!(bound["binding:profile"]["local_link_information"].as_array().unwrap().len(), 2);
    assert_eq!(
        bound["binding:profile"]["local_group_information"],
        json!({
            "id": Uuid::from_u128(9), "name": "bond0", "bond_mode": "802.3ad",
            "bond_properties": {"bond_miimon": 100, "bond_xmit": "x"},
        })
    );
}

#[tokio::test]
async fn physical_networks_are_those_of_the_segments() {
    let cloud = Cloud::start().await;
    cloud.add_port("vif-1");
    let segment = |name: &str| json!({"provider:physical_network": name});
    cloud.state().network = json!({"id": "net", "segments": [segment("physnet1"), segment("physnet2")]});
    let network = flat(cloud.client());
    let mut task = task(vec![port(7), port(8)]);
    task.ports[0].physical_network = Some("physnet1".to_owned());
    task.ports[1].physical_network = Some("physnet2".to_owned());
    assert_eq!(network.attach_vif(&task, &vif("vif-1")).await.unwrap_err().code, "vif-unusable");
    // An address says which segment it is.
    cloud.state().ports.get_mut("vif-1").unwrap()["fixed_ips"] =
        json!([{"subnet_id": "sub", "ip_address": "10.0.0.1"}]);
    let seen = network.attach_vif(&task, &vif("vif-1")).await.unwrap();
    assert_eq!(seen.port_changes[0].uuid, task.ports[1].uuid);
}
