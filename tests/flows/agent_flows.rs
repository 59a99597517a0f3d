//! Flows of simulated servers beyond their plain life: reserved steps between those of the agent, a service, and fast track.

use std::collections::BTreeMap;

use anyhow::ensure;
use ferric_bmc_sim::Running;
use ferric_tests::cluster::{ClusterSpec, run};
use ferric_tests::fleet::{Fleet, quick_simulator};
use ferric_tests::on_both_kinds;
use ferric_tests::rest::Rest;
use ferric_tests::wait::DEADLINE;
use serde_json::{Value, json};

on_both_kinds!(agent_flows);

const SERVICED: usize = 0;
const KEPT: usize = 1;

async fn agent_flows(spec: ClusterSpec) -> anyhow::Result<()> {
    let fleet = Fleet::start(quick_simulator(2)).await?;
    run(spec, async |cluster| {
        let rest = cluster.rest.clone();
        tokio::try_join!(cleaned_by_hand_and_serviced(&rest, &fleet), deployed_by_fast_track(&rest, &fleet))
            .map(drop)
    })
    .await
}

fn step(interface: &str, name: &str, args: &Value) -> Value {
    json!({"interface": interface, "step": name, "args": args})
}

/// Steps of the agent and of the engine take turns; the ramdisk that a step restarts goes on with the next one.
async fn cleaned_by_hand_and_serviced(rest: &Rest, fleet: &Fleet) -> anyhow::Result<()> {
    let uuid = fleet.enroll(rest, SERVICED).await?;
    rest.lead(&uuid, "manage", "manageable").await?;
    let none = json!({});
    let steps = [
        step("deploy", "erase_devices_metadata", &none),
        step("power", "wait", &json!({"seconds": 1})),
        step("power", "reboot", &none),
        step("deploy", "burnin_cpu", &none),
        step("power", "hold", &none),
        step("deploy", "burnin_memory", &none),
    ];
    rest.provision_with(&uuid, &json!({"target": "clean", "clean_steps": steps})).await?;
    rest.wait_for_state(&uuid, "clean hold", DEADLINE).await?;
    let server = fleet.simulator.server(SERVICED);
    ensure!(server.counters.boots == 2, "the ramdisk was booted {} times", server.counters.boots);
    ensure!(server.running == Running::Ramdisk, "a held node keeps its ramdisk: {server:?}");
    rest.lead(&uuid, "unhold", "manageable").await?;
    ran(fleet, SERVICED, &[("burnin_cpu", 1), ("burnin_memory", 1), ("erase_devices_metadata", 1)])?;

    rest.lead(&uuid, "provide", "available").await?;
    rest.set(&uuid, "/instance_info", &fleet.instance_info()).await?;
    rest.lead(&uuid, "active", "active").await?;
    let steps = [step("deploy", "burnin_cpu", &none)];
    rest.provision_with(&uuid, &json!({"target": "service", "service_steps": steps})).await?;
    let node = rest.wait_for_state(&uuid, "active", DEADLINE).await?;
    ensure!(node["last_error"].is_null() && node["service_step"] == none, "{node}");
    let instance = |server: &ferric_bmc_sim::ServerView| server.running == Running::Instance;
    let server = fleet.simulator.wait_until(SERVICED, DEADLINE, instance).await?;
    ensure!(server.disk.is_some() && server.media.is_empty(), "the instance runs again: {server:?}");
    ensure!(server.counters.steps.get("burnin_cpu") == Some(&2), "{:?}", server.counters.steps);
    Ok(())
}

/// The ramdisk that cleaned the server deploys it too.
async fn deployed_by_fast_track(rest: &Rest, fleet: &Fleet) -> anyhow::Result<()> {
    let uuid = fleet.enroll(rest, KEPT).await?;
    rest.set(&uuid, "/driver_info/fast_track", &json!(true)).await?;
    rest.lead(&uuid, "manage", "manageable").await?;
    let node = rest.lead(&uuid, "provide", "available").await?;
    ensure!(node["power_state"] == "power on", "the ramdisk stays: {}", node["power_state"]);
    rest.set(&uuid, "/instance_info", &fleet.instance_info()).await?;
    rest.lead(&uuid, "active", "active").await?;
    let instance = |server: &ferric_bmc_sim::ServerView| server.running == Running::Instance;
    let server = fleet.simulator.wait_until(KEPT, DEADLINE, instance).await?;
    // One of the ramdisk, one of the instance.
    ensure!(server.counters.boots == 2, "booted {} times", server.counters.boots);
    ran(fleet, KEPT, &[("erase_devices", 1), ("erase_devices_metadata", 1), ("write_image", 1)])
}

fn ran(fleet: &Fleet, index: usize, counts: &[(&str, u32)]) -> anyhow::Result<()> {
    let counts: BTreeMap<String, u32> =
        counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
    let server = fleet.simulator.server(index);
    ensure!(server.counters.steps == counts, "{:?} is not {counts:?}", server.counters.steps);
    Ok(())
}
