//! Nodes of `fake-hardware` that fail to order: each ends where failure leads, says why, is free again, and the second
//! try succeeds.

use ferric_tests::cluster::{ClusterSpec, run};
use ferric_tests::nodes::has_failed;
use ferric_tests::on_both_kinds;
use ferric_tests::rest::Rest;
use ferric_tests::wait::{DEADLINE, Look, wait_for};
use futures::future::try_join_all;
use serde_json::{Value, json};

on_both_kinds!(fake_failures);

/// One failure: what is asked, what breaks, and what must follow.
#[derive(Debug)]
struct Case {
    /// Verbs that lead a new node to where the failure is to happen, each with the state it ends in.
    way: &'static [(&'static str, &'static str)],
    /// Value of `fake_failure`.
    breaks: &'static str,
    /// The verb that fails.
    verb: &'static str,
    /// Where the node is then.
    failed_state: &'static str,
    /// What its history must name.
    named: &'static str,
    /// Whether the failure puts the node into maintenance.
    maintenance: bool,
    /// The second try, once nothing breaks any more.
    again: &'static [(&'static str, &'static str)],
}

const MANAGE: (&str, &str) = ("manage", "manageable");
const PROVIDE: (&str, &str) = ("provide", "available");
const ACTIVE: (&str, &str) = ("active", "active");
const DELETED: (&str, &str) = ("deleted", "available");

const CASES: [Case; 6] = [
    Case {
        way: &[],
        breaks: "power",
        verb: "manage",
        failed_state: "enroll",
        named: "the fake power was told to fail",
        maintenance: false,
        again: &[MANAGE],
    },
    Case {
        way: &[MANAGE],
        breaks: "inspect",
        verb: "inspect",
        failed_state: "inspect failed",
        named: "the fake inspect was told to fail",
        maintenance: false,
        again: &[("inspect", "manageable")],
    },
    Case {
        way: &[MANAGE],
        breaks: "vendor",
        verb: "provide",
        failed_state: "clean failed",
        named: "lean step vendor.log_passthrough failed",
        maintenance: true,
        again: &[MANAGE, PROVIDE],
    },
    Case {
        way: &[MANAGE, PROVIDE],
        breaks: "deploy.deploy",
        verb: "active",
        failed_state: "deploy failed",
        named: "eploy step deploy.deploy failed",
        maintenance: false,
        again: &[ACTIVE],
    },
    Case {
        way: &[MANAGE, PROVIDE],
        breaks: "deploy",
        verb: "active",
        failed_state: "deploy failed",
        named: "the fake deploy.deploy was told to fail",
        maintenance: false,
        again: &[DELETED, ACTIVE],
    },
    Case {
        way: &[MANAGE, PROVIDE, ACTIVE],
        breaks: "tear_down",
        verb: "deleted",
        failed_state: "error",
        named: "the fake tear_down was told to fail",
        maintenance: false,
        again: &[DELETED],
    },
];

async fn fake_failures(spec: ClusterSpec) -> anyhow::Result<()> {
    run(spec, async |cluster| {
        let rest = cluster.rest.clone();
        try_join_all(CASES.iter().map(|case| fails_and_succeeds(&rest, case))).await.map(drop)
    })
    .await
}

async fn fails_and_succeeds(rest: &Rest, case: &Case) -> anyhow::Result<()> {
    let node = json!({"driver": "fake-hardware", "driver_info": {"fake_delay_ms": "5,40"}});
    let uuid = rest.enroll(&node).await?;
    walk(rest, &uuid, case.way).await?;

    rest.set(&uuid, "/driver_info/fake_failure", &json!(case.breaks)).await?;
    let before = rest.history(&uuid).await?.len();
    rest.provision(&uuid, case.verb).await?;
    let node = wait_for(format!("{case:?} to fail"), DEADLINE, async || {
        let node = rest.node(&uuid).await?;
        let rests = has_failed(&node) && node["reservation"].is_null();
        let seen = node["provision_state"].to_string();
        Ok(Look::when(rests, node, seen))
    })
    .await?;
    assert_eq!(node["provision_state"], case.failed_state, "{case:?}");
    assert_eq!(node["maintenance"], case.maintenance, "{case:?}");
    let last_error = node["last_error"].as_str().unwrap_or_default();
    let history = rest.history(&uuid).await?;
    let added = &history[before..];
    assert_eq!(added.len(), 1, "{case:?}: {history:#?}");
    assert_eq!((added[0].severity.as_str(), added[0].event.as_str()), ("ERROR", last_error), "{case:?}");
    for words in [case.named, "on conductor conductor-", "Try next: remove fake_failure", "[fake-failure]"] {
        assert!(last_error.contains(words), "{case:?}: no '{words}' in: {last_error}");
    }

    rest.unset(&uuid, "/driver_info/fake_failure").await?;
    if case.maintenance {
        rest.delete(&format!("/v1/nodes/{uuid}/maintenance")).await?;
    }
    let node = walk(rest, &uuid, case.again).await?;
    assert_eq!((&node["last_error"], &node["fault"]), (&Value::Null, &Value::Null), "{case:?}");
    Ok(())
}

async fn walk(rest: &Rest, uuid: &str, way: &[(&str, &str)]) -> anyhow::Result<Value> {
    let mut node = Value::Null;
    for (verb, state) in way {
        rest.provision(uuid, verb).await?;
        node = rest.wait_for_state(uuid, state, DEADLINE).await?;
    }
    Ok(node)
}
