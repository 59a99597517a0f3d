//! SIGTERM in the middle of deployments: what runs is finished or handed over, and every deployment completes.

use std::time::Duration;

use anyhow::Context;
use ferric_bmc_sim::Running;
use ferric_tests::cluster::{Cluster, ClusterSpec, Kind, run};
use ferric_tests::fleet::{Fleet, quick_simulator};
use ferric_tests::on_both_kinds;
use ferric_tests::rest::Rest;
use ferric_tests::wait::{DEADLINE, Look, wait_for};
use serde_json::json;

on_both_kinds!(stopped_while_it_works, stopped_while_it_waits);

/// How long each operation of a fake node takes, so that SIGTERM finds one in the middle.
const STEP: Duration = Duration::from_millis(1500);

/// A conductor that may take its time finishes what it has begun.
async fn stopped_while_it_works(spec: ClusterSpec) -> anyhow::Result<()> {
    run(spec, async |cluster| {
        let rest = cluster.rest.clone();
        let (uuid, host) = deploying_fake_node(&rest).await?;
        terminate(cluster, &host).await?;
        if cluster.kind() == Kind::AllInOne {
            cluster.start_again(&host).await?;
        }
        let node = rest.wait_for_state(&uuid, "active", DEADLINE).await?;
        let history = rest.history(&uuid).await?;
        let end = history.last().context("no history")?;
        assert_eq!((end.conductor.as_deref(), &node["last_error"]), (Some(host.as_str()), &json!(null)));
        assert!(!history.iter().any(|entry| entry.event.contains("was lost")), "{history:#?}");
        Ok(())
    })
    .await
}

/// A conductor that must go at once leaves its task to another one, which completes it.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_finished_is_handed_over() -> anyhow::Result<()> {
    let spec = ClusterSpec::new(Kind::SPLIT).with("CONDUCTOR__DRAIN_SECS", 0);
    run(spec, async |cluster| {
        let rest = cluster.rest.clone();
        let (uuid, host) = deploying_fake_node(&rest).await?;
        terminate(cluster, &host).await?;
        rest.wait_for_state(&uuid, "active", DEADLINE).await?;
        let history = rest.history(&uuid).await?;
        let end = history.last().context("no history")?;
        assert!(end.conductor.as_ref().is_some_and(|other| *other != host), "{history:#?}");
        Ok(())
    })
    .await
}

/// While agents write images nobody needs to be there: whoever comes back goes on, and no image is written twice.
async fn stopped_while_it_waits(spec: ClusterSpec) -> anyhow::Result<()> {
    const SERVERS: usize = 3;
    let fleet = Fleet::start(quick_simulator(SERVERS)).await?;
    let spec = spec.with("CONTROL__AUTOMATED_CLEAN", false);
    run(spec, async |cluster| {
        let rest = cluster.rest.clone();
        let nodes = fleet.make_available(&rest).await?;
        fleet.images.hold();
        for uuid in &nodes {
            rest.provision(uuid, "active").await?;
        }
        for index in 0..SERVERS {
            fleet
                .simulator
                .wait_until(index, DEADLINE, |server| server.counters.steps.contains_key("write_image"))
                .await?;
        }
        let conductors = cluster.conductors();
        for host in &conductors {
            terminate(cluster, host).await?;
        }
        let sessions = fleet.simulator.sessions();
        assert!(sessions.is_empty(), "who stopped did not log out: {sessions:?}");
        fleet.images.release();
        for host in &conductors {
            cluster.start_again(host).await?;
        }
        for (index, uuid) in nodes.iter().enumerate() {
            rest.wait_for_state(uuid, "active", DEADLINE).await?;
            let server = fleet
                .simulator
                .wait_until(index, DEADLINE, |server| server.running == Running::Instance)
                .await?;
            assert_eq!(server.counters.steps.get("write_image"), Some(&1), "{server:?}");
        }
        Ok(())
    })
    .await
}

/// A fake node in the middle of its deploy step, and the conductor that works on it.
async fn deploying_fake_node(rest: &Rest) -> anyhow::Result<(String, String)> {
    let uuid = rest.enroll(&json!({"driver": "fake-hardware"})).await?;
    rest.lead(&uuid, "manage", "manageable").await?;
    rest.lead(&uuid, "provide", "available").await?;
    rest.set(&uuid, "/driver_info/fake_delay_ms", &json!(STEP.as_millis())).await?;
    rest.provision(&uuid, "active").await?;
    let host = wait_for("the deploy step to run", DEADLINE, async || {
        let node = rest.node(&uuid).await?;
        let host = node["reservation"].as_str().unwrap_or_default().to_owned();
        let runs = node["deploy_step"]["step"] == "deploy" && !host.is_empty();
        Ok(Look::when(runs, host, &node["provision_state"]))
    })
    .await?;
    Ok((uuid, host))
}

async fn terminate(cluster: &mut Cluster, host: &str) -> anyhow::Result<()> {
    let process = cluster.process(host)?;
    process.terminate().await?;
    let status = process.wait_for_end(DEADLINE).await?;
    assert!(status.success(), "{host} ended with {status} after SIGTERM");
    Ok(())
}
