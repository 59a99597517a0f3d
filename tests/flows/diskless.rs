//! Instances that live in memory: the boot service puts together what the user names, the server boots it at every start, its
//! disk is never touched, and nothing of it is left when the instance ends.

use anyhow::{Context, ensure};
use ferric_bmc_sim::{Running, ServerView};
use ferric_tests::cluster::{ClusterSpec, run};
use ferric_tests::fleet::{Fleet, quick_simulator};
use ferric_tests::on_both_kinds;
use ferric_tests::rest::Rest;
use ferric_tests::wait::DEADLINE;
use futures::future::try_join_all;
use serde_json::{Value, json};

on_both_kinds!(diskless);

/// Boot interfaces by which the BMC itself fetches what is booted.
const INTERFACES: [&str; 2] = ["redfish-virtual-media", "redfish-https"];

async fn diskless(spec: ClusterSpec) -> anyhow::Result<()> {
    let fleet = Fleet::start(quick_simulator(INTERFACES.len())).await?;
    run(spec, async |cluster| {
        let rest = cluster.rest.clone();
        let file = |name: &str| format!("file://{}", cluster.folder().join(name).display());
        let system = json!({"kernel": file("kernel"), "ramdisk": file("ramdisk")});
        try_join_all(INTERFACES.iter().enumerate().map(async |(index, interface)| {
            life(&rest, &fleet, index, interface, &system).await.with_context(|| (*interface).to_owned())
        }))
        .await
        .map(drop)
    })
    .await
}

async fn life(
    rest: &Rest,
    fleet: &Fleet,
    index: usize,
    interface: &str,
    system: &Value,
) -> anyhow::Result<()> {
    let uuid = fleet.enroll_quick(rest, index).await?;
    rest.set(&uuid, "/boot_interface", &json!(interface)).await?;
    rest.set(&uuid, "/deploy_interface", &json!("ramdisk")).await?;
    rest.set(&uuid, "/instance_info", system).await?;
    rest.lead(&uuid, "manage", "manageable").await?;
    rest.lead(&uuid, "provide", "available").await?;

    rest.lead(&uuid, "active", "active").await?;
    let lives = |boots: u32| {
        move |server: &ServerView| server.running == Running::LiveImage && server.counters.boots == boots
    };
    fleet.simulator.wait_until(index, DEADLINE, lives(1)).await?;

    // Whatever restarts the server, it boots the same.
    rest.put(&format!("/v1/nodes/{uuid}/states/power"), &json!({"target": "rebooting"})).await?;
    let server = fleet.simulator.wait_until(index, DEADLINE, lives(2)).await?;
    ensure!(server.disk.is_none() && server.counters.commands.is_empty(), "no agent had a part: {server:?}");
    rest.wait_for_state(&uuid, "active", DEADLINE).await?;

    rest.lead(&uuid, "deleted", "available").await?;
    let server = fleet.simulator.server(index);
    ensure!(server.media.is_empty() && server.boot.http_boot_uri.is_none(), "nothing is left: {server:?}");
    ensure!(server.running == Running::Nothing, "the instance has ended: {server:?}");
    Ok(())
}
