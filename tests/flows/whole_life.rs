//! A server's whole life: enrolled, verified, inspected by its ramdisk, cleaned, deployed, undeployed, deleted.

use std::collections::BTreeMap;

use anyhow::Context;
use ferric_bmc_sim::{PowerState, Running};
use ferric_tests::cluster::{ClusterSpec, run};
use ferric_tests::fleet::{Fleet, quick_simulator};
use ferric_tests::on_both_kinds;
use ferric_tests::rest::Rest;
use ferric_tests::wait::DEADLINE;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

on_both_kinds!(whole_life);

async fn whole_life(spec: ClusterSpec) -> anyhow::Result<()> {
    let fleet = Fleet::start(quick_simulator(1)).await?;
    run(spec, async |cluster| {
        let rest = cluster.rest.clone();
        let uuid = enrolled_and_verified(&rest, &fleet).await?;
        inspected(&rest, &fleet, &uuid).await?;
        cleaned(&rest, &fleet, &uuid).await?;
        deployed(&rest, &fleet, &uuid).await?;
        undeployed(&rest, &fleet, &uuid).await?;
        told_by_its_history(&rest, &uuid).await?;
        deleted(&rest, &uuid).await
    })
    .await
}

async fn enrolled_and_verified(rest: &Rest, fleet: &Fleet) -> anyhow::Result<String> {
    let uuid = fleet.enroll(rest, 0).await?;
    let node = rest.node(&uuid).await?;
    assert_eq!((&node["provision_state"], &node["power_state"]), (&json!("enroll"), &Value::Null));
    assert_eq!(node["driver_info"]["redfish_password"], "******", "secrets are not shown");

    let node = rest.lead(&uuid, "manage", "manageable").await?;
    assert_eq!((&node["power_state"], &node["last_error"]), (&json!("power off"), &Value::Null));
    Ok(uuid)
}

async fn inspected(rest: &Rest, fleet: &Fleet, uuid: &str) -> anyhow::Result<()> {
    let node = rest.lead(uuid, "inspect", "manageable").await?;
    let properties = &node["properties"];
    assert_eq!(
        (&properties["cpu_arch"], &properties["cpus"], &properties["memory_mb"]),
        (&json!("x86_64"), &json!(64), &json!(128 << 10)),
        "{properties}"
    );
    assert!(!node["inspection_finished_at"].is_null());
    assert_eq!(
        rest.port_addresses(uuid).await?,
        fleet.simulator.mac_addresses(0),
        "the second card got its port"
    );

    let found = rest.get(&format!("/v1/nodes/{uuid}/inventory")).await?;
    let disks = found["inventory"]["disks"].as_array().context("the inventory has no disks")?;
    let names: Vec<&str> = disks.iter().filter_map(|disk| disk["name"].as_str()).collect();
    assert_eq!(names, ["/dev/nvme0n1", "/dev/nvme1n1"]);
    assert_eq!(found["plugin_data"]["root_disk"]["name"], "/dev/nvme0n1");

    let server = fleet.simulator.server(0);
    assert_eq!((server.counters.inspections, server.counters.boots), (1, 1));
    Ok(())
}

async fn cleaned(rest: &Rest, fleet: &Fleet, uuid: &str) -> anyhow::Result<()> {
    let node = rest.lead(uuid, "provide", "available").await?;
    assert_eq!((&node["maintenance"], &node["clean_step"]), (&json!(false), &json!({})));
    let server = fleet.simulator.server(0);
    assert_eq!(
        server.counters.steps,
        steps(&[("erase_devices", 1), ("erase_devices_metadata", 1)]),
        "every automated step ran once"
    );
    assert!(server.media.is_empty() && server.agent.is_none(), "{server:?}");
    Ok(())
}

async fn deployed(rest: &Rest, fleet: &Fleet, uuid: &str) -> anyhow::Result<()> {
    rest.set(uuid, "/instance_info", &fleet.instance_info()).await?;
    let configdrive = json!({"meta_data": {"hostname": "first"}, "user_data": "#cloud-config\n"});
    rest.provision_with(uuid, &json!({"target": "active", "configdrive": configdrive})).await?;
    let node = rest.wait_for_state(uuid, "active", DEADLINE).await?;
    assert_eq!((&node["power_state"], &node["last_error"]), (&json!("power on"), &Value::Null));
    assert_eq!((&node["deploy_step"], &node["target_provision_state"]), (&json!({}), &Value::Null));

    let server =
        fleet.simulator.wait_until(0, DEADLINE, |server| server.running == Running::Instance).await?;
    assert_eq!(server.power_state, PowerState::On);
    let disk = server.disk.as_ref().context("nothing was written to the disk")?;
    assert_eq!(
        (disk.url.as_str(), disk.checksum.as_str(), disk.size_bytes),
        (fleet.images.url(), fleet.images.checksum(), fleet.images.size_bytes())
    );
    assert!(disk.configdrive_bytes.is_some_and(|bytes| bytes > 0), "{disk:?}");
    assert!(server.media.is_empty() && server.agent.is_none(), "{server:?}");
    assert_eq!(server.counters.steps.get("write_image"), Some(&1));
    Ok(())
}

async fn undeployed(rest: &Rest, fleet: &Fleet, uuid: &str) -> anyhow::Result<()> {
    let node = rest.lead(uuid, "deleted", "available").await?;
    assert_eq!((&node["instance_info"], &node["instance_uuid"]), (&json!({}), &Value::Null));
    let server = fleet.simulator.server(0);
    assert_eq!(server.disk, None, "the instance was erased");
    assert_eq!(
        server.counters.steps,
        steps(&[("erase_devices", 2), ("erase_devices_metadata", 2), ("write_image", 1)])
    );
    assert_eq!((server.counters.max_agents_alive, server.counters.failed_steps.len()), (1, 0));
    assert!(server.media.is_empty() && server.agent.is_none(), "{server:?}");
    Ok(())
}

async fn told_by_its_history(rest: &Rest, uuid: &str) -> anyhow::Result<()> {
    let history = rest.history(uuid).await?;
    let told = ["verified", "inspected", "was cleaned", "deployed", "undeployed and cleaned"];
    assert_eq!(history.len(), told.len(), "{history:#?}");
    for (entry, words) in history.iter().zip(told) {
        assert!(entry.severity == "INFO" && entry.event.contains(words), "{words}: {entry:?}");
        assert!(entry.conductor.is_some(), "{entry:?}");
    }
    Ok(())
}

async fn deleted(rest: &Rest, uuid: &str) -> anyhow::Result<()> {
    rest.delete(&format!("/v1/nodes/{uuid}")).await?;
    let gone = rest.send(Method::GET, &format!("/v1/nodes/{uuid}"), None).await?;
    assert_eq!(gone.status, StatusCode::NOT_FOUND, "{}", gone.body);
    let ports = rest.get("/v1/ports").await?;
    assert_eq!(ports["ports"], json!([]), "the ports went with their node");
    Ok(())
}

fn steps(counts: &[(&str, u32)]) -> BTreeMap<String, u32> {
    counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}
