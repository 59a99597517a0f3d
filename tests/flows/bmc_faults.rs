//! BMCs and agents that misbehave during verification and deployment: the node ends in the right state of failure with an
//! entry that a person can act on, it is free again, and the second try succeeds once the fault is gone.

use std::net::TcpListener;

use anyhow::Context;
use ferric_bmc_sim::{Fault, FaultKind, Running};
use ferric_tests::cluster::{ClusterSpec, run};
use ferric_tests::fleet::{Fleet, quick_simulator};
use ferric_tests::nodes::has_failed;
use ferric_tests::on_both_kinds;
use ferric_tests::rest::Rest;
use ferric_tests::wait::{DEADLINE, Look, wait_for};
use futures::future::try_join_all;
use serde_json::{Value, json};

on_both_kinds!(bmc_faults);

/// What breaks.
#[derive(Debug)]
enum Breakage {
    /// The simulated server misbehaves until the fault is cleared.
    Fault(fn() -> Fault),
    /// The node names an address where nobody listens.
    NobodyThere,
}

/// One misbehavior: when, and what the history must say of it.
#[derive(Debug)]
struct Case {
    breakage: Breakage,
    /// Whether it strikes during the deployment, else during verification.
    deploying: bool,
    /// What was being done when it struck.
    doing: &'static str,
    /// What the BMC, the agent or the connection said, and the stable code of the failure.
    told: [&'static str; 2],
}

const CASES: [Case; 11] = [
    Case {
        breakage: Breakage::NobodyThere,
        deploying: false,
        doing: "Reading the power state failed",
        told: ["efused", "[redfish-unreachable]"],
    },
    Case {
        breakage: Breakage::Fault(|| Fault::new(FaultKind::Refuse { after: false })),
        deploying: false,
        doing: "Reading the power state failed",
        told: ["got no answer", "[redfish-unreachable]"],
    },
    Case {
        breakage: Breakage::Fault(|| Fault::new(broken("The flash of the BMC is worn out"))),
        deploying: false,
        doing: "Reading the power state failed",
        told: ["The flash of the BMC is worn out", "[redfish-refused]"],
    },
    Case {
        breakage: Breakage::Fault(|| Fault::new(FaultKind::Hang)),
        deploying: false,
        doing: "Reading the power state failed",
        told: ["was not answered within", "[redfish-timeout]"],
    },
    Case {
        breakage: Breakage::Fault(|| Fault::new(FaultKind::WrongCredentials)),
        deploying: false,
        doing: "Reading the power state failed",
        told: ["not allowed with these credentials", "[redfish-unauthorized]"],
    },
    Case {
        breakage: Breakage::Fault(|| Fault::new(FaultKind::Refuse { after: false })),
        deploying: true,
        doing: "Deploy",
        told: ["got no answer", "[redfish-unreachable]"],
    },
    Case {
        breakage: Breakage::Fault(|| {
            Fault::new(broken("The virtual media service has crashed")).on("POST VirtualMedia.InsertMedia")
        }),
        deploying: true,
        doing: "Deploy step deploy.deploy: preparing the ramdisk",
        told: ["The virtual media service has crashed", "[vmedia-insert-refused]"],
    },
    Case {
        breakage: Breakage::Fault(|| Fault::new(FaultKind::Hang).on("GET /Systems")),
        deploying: true,
        doing: "Deploy",
        told: ["was not answered within", "[redfish-timeout]"],
    },
    Case {
        breakage: Breakage::Fault(|| Fault::new(FaultKind::LostPowerAction).on("On")),
        deploying: true,
        doing: "Deploy step deploy.deploy: power on",
        told: ["the last power state seen is Off", "[power-state-not-reached]"],
    },
    Case {
        breakage: Breakage::Fault(|| {
            let message = "writing to /dev/nvme0n1 failed at LBA 1847296: Input/output error".to_owned();
            Fault::new(FaultKind::AgentStepFails { message }).on("write_image")
        }),
        deploying: true,
        doing: "Deploy step deploy.write_image",
        told: ["failed at LBA 1847296: Input/output error", "[agent-command-failed]"],
    },
    Case {
        breakage: Breakage::Fault(|| Fault::new(FaultKind::AgentNeverBoots)),
        deploying: true,
        doing: "Waiting for the ramdisk during deploy",
        told: ["was fetched completely, but no agent was heard of", "[boot-agent-silent]"],
    },
];

fn broken(message: &str) -> FaultKind {
    FaultKind::Status { status: 500, message: message.to_owned() }
}

async fn bmc_faults(spec: ClusterSpec) -> anyhow::Result<()> {
    let spec = spec
        .with("REDFISH__ANSWER_TIMEOUT_MS", 3000)
        .with("CONDUCTOR__POWER_TIMEOUT_SECS", 5)
        .with("CONDUCTOR__DEPLOY_CALLBACK_TIMEOUT_SECS", 20)
        // What is tested are deployments.
        .with("CONTROL__AUTOMATED_CLEAN", false);
    let fleet = Fleet::start(quick_simulator(CASES.len())).await?;
    run(spec, async |cluster| {
        let rest = cluster.rest.clone();
        try_join_all(CASES.iter().enumerate().map(async |(index, case)| {
            let told = if case.deploying {
                deployment(&rest, &fleet, index, case).await
            } else {
                verification(&rest, &fleet, index, case).await
            };
            told.with_context(|| format!("{case:?}"))
        }))
        .await
        .map(drop)
    })
    .await
}

async fn verification(rest: &Rest, fleet: &Fleet, index: usize, case: &Case) -> anyhow::Result<()> {
    let uuid = fleet.enroll(rest, index).await?;
    strike(rest, fleet, index, &uuid, case).await?;
    rest.provision(&uuid, "manage").await?;
    let node = expect_failure(rest, &uuid, case).await?;
    assert_eq!(node["provision_state"], "enroll", "{case:?}");
    assert_eq!(node["power_state"], Value::Null, "{case:?}: nothing is claimed to be known");

    repair(rest, fleet, index, &uuid).await?;
    let node = rest.lead(&uuid, "manage", "manageable").await?;
    assert_eq!((&node["last_error"], &node["power_state"]), (&Value::Null, &json!("power off")), "{case:?}");
    Ok(())
}

async fn deployment(rest: &Rest, fleet: &Fleet, index: usize, case: &Case) -> anyhow::Result<()> {
    let uuid = fleet.enroll(rest, index).await?;
    rest.lead(&uuid, "manage", "manageable").await?;
    rest.lead(&uuid, "provide", "available").await?;
    rest.set(&uuid, "/instance_info", &fleet.instance_info()).await?;
    strike(rest, fleet, index, &uuid, case).await?;
    rest.provision(&uuid, "active").await?;
    let node = expect_failure(rest, &uuid, case).await?;
    assert_eq!(node["provision_state"], "deploy failed", "{case:?}");
    assert_eq!(node["target_provision_state"], "active", "{case:?}");
    assert!(fleet.simulator.server(index).disk.is_none(), "{case:?}: nothing was written");

    repair(rest, fleet, index, &uuid).await?;
    let node = rest.lead(&uuid, "active", "active").await?;
    assert_eq!((&node["last_error"], &node["power_state"]), (&Value::Null, &json!("power on")), "{case:?}");
    let server =
        fleet.simulator.wait_until(index, DEADLINE, |server| server.running == Running::Instance).await?;
    assert_eq!(server.disk.context("nothing was written")?.checksum, fleet.images.checksum(), "{case:?}");
    assert!(server.media.is_empty(), "{case:?}: {:?}", server.media);
    Ok(())
}

async fn strike(rest: &Rest, fleet: &Fleet, index: usize, uuid: &str, case: &Case) -> anyhow::Result<()> {
    match case.breakage {
        Breakage::Fault(fault) => fleet.simulator.fault(index, fault().forever()),
        Breakage::NobodyThere => {
            // A port that was free a moment ago.
            let nobody = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
            rest.set(uuid, "/driver_info/redfish_address", &json!(format!("http://{nobody}"))).await?;
        }
    }
    Ok(())
}

async fn repair(rest: &Rest, fleet: &Fleet, index: usize, uuid: &str) -> anyhow::Result<()> {
    fleet.simulator.clear_faults(index);
    rest.set(uuid, "/driver_info/redfish_address", &json!(fleet.simulator.base_url())).await
}

/// Waits until the node has failed and is free, and reads what its history says of it.
async fn expect_failure(rest: &Rest, uuid: &str, case: &Case) -> anyhow::Result<Value> {
    let node = wait_for("the failure", DEADLINE, async || {
        let node = rest.node(uuid).await?;
        let rests = has_failed(&node) && node["reservation"].is_null();
        let seen = format!("{} {}", node["provision_state"], node["reservation"]);
        Ok(Look::when(rests, node, seen))
    })
    .await?;
    let history = rest.history(uuid).await?;
    let errors: Vec<&str> =
        history.iter().filter(|entry| entry.severity == "ERROR").map(|entry| entry.event.as_str()).collect();
    assert_eq!(errors, [node["last_error"].as_str().unwrap_or_default()], "{history:#?}");
    for words in [case.doing, case.told[0], case.told[1], "Try next: "] {
        assert!(errors[0].contains(words), "no '{words}' in: {}", errors[0]);
    }
    Ok(node)
}
