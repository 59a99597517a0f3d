//! Boots that lead nowhere: how far each came stands in its history, in words and codes of its own, and what is to blame.

use std::net::Ipv4Addr;

use anyhow::Context;
use axum::Router;
use axum::http::StatusCode;
use ferric_bmc_sim::{Fault, FaultKind};
use ferric_tests::cluster::{ClusterSpec, run};
use ferric_tests::fleet::{Fleet, quick_simulator};
use ferric_tests::nodes::has_failed;
use ferric_tests::on_both_kinds;
use ferric_tests::rest::Rest;
use ferric_tests::wait::{DEADLINE, Look, wait_for};
use futures::future::try_join_all;
use serde_json::json;
use tokio::net::TcpListener;

on_both_kinds!(boot_failures, boots_again);

/// What stands in the way.
#[derive(Debug)]
enum Obstacle {
    /// DHCP offers nothing.
    NoDhcp,
    /// The origin of the kernel fails.
    KernelFails,
    /// The ramdisk's kernel starts and its agent does not.
    NoAgent,
}

/// One failure: the boot interface, and what the history must say.
#[derive(Debug)]
struct Case {
    interface: &'static str,
    obstacle: Obstacle,
    told: &'static [&'static str],
}

const CASES: [Case; 4] = [
    Case {
        interface: "ipxe",
        obstacle: Obstacle::NoDhcp,
        told: &["no boot loader asked for the node's boot script", "[boot-never-fetched]"],
    },
    Case {
        interface: "redfish-https",
        obstacle: Obstacle::KernelFails,
        told: &["could not be given to the node: the origin of the kernel: ", "502", "[boot-source-failed]"],
    },
    Case {
        interface: "redfish-virtual-media",
        obstacle: Obstacle::KernelFails,
        told: &["could not be given to the node: the origin of the kernel: ", "502", "[boot-source-failed]"],
    },
    Case {
        interface: "redfish-https",
        obstacle: Obstacle::NoAgent,
        told: &["the boot image was fetched completely, but no agent was heard of in", "[boot-agent-silent]"],
    },
];

fn impatient(spec: ClusterSpec) -> ClusterSpec {
    spec.with("CONTROL__BOOT_REQUEST_TIMEOUT_SECS", 8)
        .with("CONTROL__BOOT_STALL_TIMEOUT_SECS", 8)
        .with("CONTROL__BOOT_AGENT_TIMEOUT_SECS", 4)
        .with("CONTROL__AUTOMATED_CLEAN", false)
}

async fn boot_failures(spec: ClusterSpec) -> anyhow::Result<()> {
    let fleet = Fleet::start(quick_simulator(CASES.len())).await?;
    let origin = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let kernel = format!("http://{}/kernel", origin.local_addr()?);
    let failing = Router::new().fallback(|| async { StatusCode::BAD_GATEWAY });
    let origin = tokio::spawn(async move { axum::serve(origin, failing).await });
    let outcome = run(impatient(spec), async |cluster| {
        let rest = cluster.rest.clone();
        try_join_all(CASES.iter().enumerate().map(async |(index, case)| {
            let uuid = fleet.enroll(&rest, index).await?;
            rest.set(&uuid, "/boot_interface", &json!(case.interface)).await?;
            rest.lead(&uuid, "manage", "manageable").await?;
            rest.lead(&uuid, "provide", "available").await?;
            rest.set(&uuid, "/instance_info", &fleet.instance_info()).await?;
            match case.obstacle {
                Obstacle::NoDhcp => {}
                Obstacle::KernelFails => {
                    rest.set(&uuid, "/driver_info/deploy_kernel", &json!(kernel)).await?
                }
                Obstacle::NoAgent => {
                    fleet.simulator.fault(index, Fault::new(FaultKind::AgentNeverBoots).forever());
                }
            }
            expect_failure(&rest, &uuid, case).await.with_context(|| format!("{case:?}"))
        }))
        .await
        .map(drop)
    })
    .await;
    origin.abort();
    outcome
}

async fn expect_failure(rest: &Rest, uuid: &str, case: &Case) -> anyhow::Result<()> {
    rest.provision(uuid, "active").await?;
    let node = wait_for("the failure", DEADLINE, async || {
        let node = rest.node(uuid).await?;
        let rests = has_failed(&node) && node["reservation"].is_null();
        let seen = format!("{} {}", node["provision_state"], node["reservation"]);
        Ok(Look::when(rests, node, seen))
    })
    .await?;
    let told = node["last_error"].as_str().unwrap_or_default();
    for words in case.told {
        assert!(told.contains(words), "no '{words}' in: {told}");
    }
    Ok(())
}

/// A boot that leads nowhere is tried again as often as the operator wants it.
async fn boots_again(spec: ClusterSpec) -> anyhow::Result<()> {
    let fleet = Fleet::start(quick_simulator(1)).await?;
    run(impatient(spec).with("CONTROL__BOOT_RETRIES", 1), async |cluster| {
        let rest = cluster.rest.clone();
        let uuid = fleet.make_available(&rest).await?.remove(0);
        fleet.simulator.fault(0, Fault::new(FaultKind::AgentNeverBoots));
        rest.lead(&uuid, "active", "active").await?;
        let history = rest.history(&uuid).await?;
        let again: Vec<&str> = history.iter().map(|entry| entry.event.as_str()).collect();
        let told = again.iter().filter(|event| event.starts_with("Attempt 1 to boot led nowhere")).count();
        assert_eq!(told, 1, "{again:#?}");
        Ok(())
    })
    .await
}
