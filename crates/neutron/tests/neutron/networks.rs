//! The networks of ramdisks, and connecting what is attached.

use crate::cloud::{Cloud, client, port, task};
use ferric_hardware::interface::RamdiskNetwork::{Cleaning, Provisioning};
use ferric_model::vif::TENANT_VIF;
use ferric_neutron::{NeutronConfig, flat, neutron};
use serde_json::json;

#[tokio::test]
async fn a_flat_node_is_deployed_in_its_own_network() {
    let cloud = Cloud::start().await;
    cloud.add_port("vif-1");
    let network = flat(cloud.client());
    let mut task = task(vec![port(7)]);
    network.enter_ramdisk_network(&task, Provisioning).await.unwrap();
    assert!(cloud.calls().is_empty(), "nothing to bind");
    assert_eq!(neutron(cloud.client()).connect_vifs(&task).await.unwrap_err().code, "vif-none-attached");
    task.ports[0].detail.internal_info.insert(TENANT_VIF.into(), json!("vif-1"));
    network.enter_ramdisk_network(&task, Provisioning).await.unwrap();
    let bound = cloud.port("vif-1");
    assert_eq!(
        (&bound["binding:host_id"], &bound["binding:profile"]),
        (&json!(task.node.uuid), &json!(null))
    );
    network.leave_ramdisk_network(&task, Provisioning).await.unwrap();
    network.connect_vifs(&task).await.unwrap();
    assert_eq!(cloud.port("vif-1")["binding:host_id"], json!(task.node.uuid));
    network.disconnect_vifs(&task).await.unwrap();
    assert_eq!(cloud.port("vif-1")["binding:host_id"], "");
    cloud.calls();
    network.enter_ramdisk_network(&task, Cleaning).await.unwrap();
    assert!(cloud.calls().is_empty(), "no cleaning network is named");
}

#[tokio::test]
async fn ports_of_a_ramdisk_live_as_long_as_the_ramdisk() {
    let cloud = Cloud::start().await;
    let config = NeutronConfig {
        provisioning_network: "the-net".to_owned(),
        cleaning_network: "no-such-net".to_owned(),
        ..cloud.config()
    };
    let network = neutron(client(config));
    let mut task = task(vec![port(7), port(8), port(9)]);
    task.ports[1].pxe_enabled = false;
    task.ports[2].detail.local_link_connection.clear();
    network.validate(&task.node).unwrap();
    // What an earlier try left.
    cloud.state().ports.insert(
        "old".to_owned(),
        json!({"id": "old", "network_id": "net", "mac_address": "52:54:00:00:00:07"}),
    );

    let seen = network.enter_ramdisk_network(&task, Provisioning).await.unwrap();
    assert_eq!(seen.port_changes.len(), 1);
    assert_eq!(seen.port_changes[0].uuid, task.ports[0].uuid);
    assert_eq!(json!(seen.port_changes[0].internal_info), json!({"provisioning_vif_port_id": "made-0"}));
    let made = cloud.port("made-0");
    assert_eq!(made["device_id"], json!(task.node.uuid));
    assert_eq!(made["binding:profile"]["local_link_information"][0]["port_id"], "eth7");
    assert!(!cloud.state().ports.contains_key("old"));

    let seen = network.leave_ramdisk_network(&task, Provisioning).await.unwrap();
    assert!(
        seen.port_changes.iter().all(|change| change.internal_info["provisioning_vif_port_id"].is_null())
    );
    assert!(cloud.state().ports.is_empty());

    let error = network.enter_ramdisk_network(&task, Cleaning).await.unwrap_err();
    assert_eq!((error.code, error.summary.contains("no-such-net")), ("neutron-not-found", true));
    task.ports.truncate(2);
    task.ports.remove(0);
    let error = network.enter_ramdisk_network(&task, Provisioning).await.unwrap_err();
    assert_eq!(error.code, "network-no-port");
}

#[tokio::test]
async fn half_a_network_is_none() {
    let cloud = Cloud::start().await;
    let network =
        neutron(client(NeutronConfig { provisioning_network: "the-net".to_owned(), ..cloud.config() }));
    let task = task(vec![port(7), port(8)]);
    assert_eq!(network.validate(&task.node).unwrap_err().code, "network-not-named");
    cloud.state().most_ports = Some(1);
    let error = network.enter_ramdisk_network(&task, Provisioning).await.unwrap_err();
    assert_eq!(error.code, "neutron-refused");
    assert!(cloud.state().ports.is_empty(), "the first one is deleted");
}
