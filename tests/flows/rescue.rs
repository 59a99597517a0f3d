//! Rescue by the ramdisk: a deployed node runs it, people get in with a password of which only the hash is handed on, and the
//! instance comes back untouched.

use std::process::Command;

use anyhow::{Context, ensure};
use ferric_bmc_sim::Running;
use ferric_tests::cluster::{ClusterSpec, run};
use ferric_tests::fleet::{Fleet, quick_simulator};
use ferric_tests::on_both_kinds;
use ferric_tests::rest::Rest;
use ferric_tests::wait::DEADLINE;
use serde_json::{Value, json};

on_both_kinds!(rescue);

const PASSWORD: &str = "let me in, please";

async fn rescue(spec: ClusterSpec) -> anyhow::Result<()> {
    let fleet = Fleet::start(quick_simulator(1)).await?;
    run(spec, async |cluster| {
        let rest = cluster.rest.clone();
        let uuid = fleet.make_available(&rest).await?.swap_remove(0);
        rest.set(&uuid, "/rescue_interface", &json!("agent")).await?;
        rest.lead(&uuid, "active", "active").await?;
        fleet.simulator.wait_until(0, DEADLINE, |server| server.running == Running::Instance).await?;
        let disk = fleet.simulator.server(0).disk;

        rescued(&rest, &fleet, &uuid).await?;
        given_back(&rest, &fleet, &uuid).await?;
        assert_eq!(fleet.simulator.server(0).disk, disk, "the instance was not touched");
        Ok(())
    })
    .await
}

async fn rescued(rest: &Rest, fleet: &Fleet, uuid: &str) -> anyhow::Result<()> {
    rest.provision_with(uuid, &json!({"target": "rescue", "rescue_password": PASSWORD})).await?;
    let node = rest.wait_for_state(uuid, "rescue", DEADLINE).await?;
    assert_eq!((&node["last_error"], &node["power_state"]), (&Value::Null, &json!("power on")));
    let info = node["instance_info"].as_object().context("no instance_info")?;
    ensure!(!info.keys().any(|key| key.contains("password")), "passwords are wiped: {info:?}");

    let server = fleet.simulator.server(0);
    let hash = server.rescue_password_hash.context("the agent was told no hash")?;
    ensure!(hash.starts_with("$6$") && !hash.contains(PASSWORD), "{hash}");
    assert_eq!(crypt(PASSWORD, &hash)?, hash, "crypt(3) agrees");
    assert_eq!(server.counters.commands.get("rescue.finalize_rescue"), Some(&1));
    Ok(())
}

async fn given_back(rest: &Rest, fleet: &Fleet, uuid: &str) -> anyhow::Result<()> {
    let node = rest.lead(uuid, "unrescue", "active").await?;
    assert_eq!(node["last_error"], Value::Null);
    let server =
        fleet.simulator.wait_until(0, DEADLINE, |server| server.running == Running::Instance).await?;
    assert!(server.media.is_empty() && server.rescue_password_hash.is_none(), "{server:?}");
    Ok(())
}

/// What the C library makes of a password, by way of Perl, which every Debian has.
fn crypt(password: &str, hash: &str) -> anyhow::Result<String> {
    let output =
        Command::new("perl").args(["-e", "print crypt($ARGV[0], $ARGV[1])", password, hash]).output()?;
    ensure!(output.status.success(), "perl failed");
    Ok(String::from_utf8(output.stdout)?)
}
