//! The same of fake nodes: the test knows where the conductor stands because the node asks it there.

use anyhow::{Context, ensure};
use ferric_tests::cluster::{ClusterSpec, run};
use ferric_tests::fake::{FakeNode, Moment, Prompter, step};
use ferric_tests::on_both_kinds;
use ferric_tests::rest::Rest;
use ferric_tests::wait::{DEADLINE, Look, wait_for};
use futures::future::try_join_all;
use serde_json::{Value, json};

use super::{expect_take_over, kill_all};

on_both_kinds!(resume);

/// A step of a flow.
#[derive(Debug, Clone, Copy)]
struct Case {
    /// Verbs that lead a new node to where the flow begins, each with the state it ends in.
    way: &'static [(&'static str, &'static str)],
    /// The verb that begins the flow.
    verb: &'static str,
    /// Its steps, where somebody has to choose them.
    steps: &'static [&'static str],
    /// Whether the node has a ramdisk.
    ramdisk: bool,
    /// The point at which the conductor dies.
    point: &'static str,
    /// How often what happens there may happen in all, not counting other points of that name.
    most: u32,
    /// Where the node is at the end.
    ends: &'static str,
}

const MANAGE: (&str, &str) = ("manage", "manageable");
const PROVIDE: (&str, &str) = ("provide", "available");
const ADOPT: (&str, &str) = ("adopt", "active");
const RESCUE: (&str, &str) = ("rescue", "rescue");

/// What may be repeated, however often a conductor dies over it.
const ANY: u32 = u32::MAX;

const fn case(
    way: &'static [(&'static str, &'static str)],
    verb: &'static str,
    point: &'static str,
    most: u32,
    ends: &'static str,
) -> Case {
    Case { way, verb, steps: &[], ramdisk: false, point, most, ends }
}

const fn with_steps(case: Case, steps: &'static [&'static str]) -> Case {
    Case { steps, ..case }
}

const fn with_ramdisk(case: Case) -> Case {
    Case { ramdisk: true, ..case }
}

const CASES: [Case; 19] = [
    case(&[], "manage", "power", ANY, "manageable"),
    case(&[], "manage", "management", ANY, "manageable"),
    case(&[MANAGE], "inspect", "inspect", ANY, "manageable"),
    with_ramdisk(case(&[MANAGE], "inspect", "boot", ANY, "inspect wait")),
    case(&[MANAGE], "adopt", "power", ANY, "active"),
    with_steps(
        case(&[MANAGE], "clean", "vendor.log_passthrough", ANY, "manageable"),
        &["vendor.log_passthrough"],
    ),
    with_steps(
        case(&[MANAGE], "clean", "raid.create_configuration", 1, "manageable"),
        &["bios.factory_reset", "raid.create_configuration", "vendor.log_passthrough"],
    ),
    with_steps(
        case(&[MANAGE], "clean", "bios.factory_reset", ANY, "manageable"),
        &["bios.factory_reset", "raid.create_configuration"],
    ),
    with_steps(case(&[MANAGE], "clean", "power", ANY, "manageable"), &["power.reboot"]),
    with_ramdisk(with_steps(
        case(&[MANAGE], "clean", "boot", ANY, "clean wait"),
        &["raid.create_configuration"],
    )),
    case(&[MANAGE, PROVIDE], "active", "deploy.deploy", ANY, "active"),
    with_ramdisk(case(&[MANAGE, PROVIDE], "active", "boot", ANY, "wait call-back")),
    case(&[MANAGE, ADOPT], "deleted", "tear_down", ANY, "available"),
    case(&[MANAGE, ADOPT], "rescue", "rescue", ANY, "rescue"),
    case(&[MANAGE, ADOPT, RESCUE], "unrescue", "rescue", ANY, "active"),
    with_ramdisk(case(&[MANAGE, ADOPT], "rescue", "boot", ANY, "rescue wait")),
    with_steps(
        case(&[MANAGE, ADOPT], "service", "firmware.update", 1, "active"),
        &["vendor.log_passthrough", "firmware.update"],
    ),
    with_steps(
        case(&[MANAGE, ADOPT], "service", "vendor.log_passthrough", ANY, "active"),
        &["vendor.log_passthrough", "firmware.update"],
    ),
    with_ramdisk(with_steps(
        case(&[MANAGE, ADOPT], "service", "power", ANY, "service wait"),
        &["firmware.update"],
    )),
];

const MOMENTS: [Moment; 3] = [Moment::Before, Moment::Act, Moment::After];

/// A node whose conductor dies.
struct Victim {
    node: FakeNode,
    case: Case,
    moment: Moment,
    /// What had happened at the point before the flow began.
    before: u32,
    /// Whether nobody can tell afterwards what happened.
    secret: bool,
}

async fn resume(spec: ClusterSpec) -> anyhow::Result<()> {
    let spec = spec.with("CONDUCTOR__MAX_TASKS", 128);
    run(spec, async |cluster| {
        let rest = cluster.rest.clone();
        let prompter = Prompter::start().await?;
        let ordinary = CASES.iter().flat_map(|case| MOMENTS.map(|moment| (*case, moment, false)));
        let once = CASES.iter().filter(|case| case.most == 1);
        let untold = once.map(|case| (*case, Moment::Act, true));
        let begun = ordinary
            .chain(untold)
            .map(|(case, moment, secret)| begin(&rest, &prompter, case, moment, secret));
        let victims = try_join_all(begun).await?;
        prompter.wait_until_held(victims.len(), DEADLINE).await?;
        kill_all(cluster).await?;
        prompter.release();
        try_join_all(victims.iter().map(|victim| judge(&rest, &prompter, victim))).await.map(drop)
    })
    .await
}

/// Leads a node to its flow and begins that, so that the conductor stands at the point.
async fn begin(
    rest: &Rest,
    prompter: &Prompter,
    case: Case,
    moment: Moment,
    secret: bool,
) -> anyhow::Result<Victim> {
    let node = FakeNode::enroll(rest, prompter, false).await?;
    for (verb, state) in case.way {
        node.lead_with(&arguments(verb, &[]), state).await?;
    }
    if case.ramdisk {
        node.tell("fake_ramdisk", &json!(true)).await?;
    }
    let before = prompter.acts(&node.uuid, case.point);
    if secret {
        prompter.keep_secret(&node.uuid, case.point);
    }
    prompter.hold(&node.uuid, case.point, moment);
    rest.provision_with(&node.uuid, &arguments(case.verb, case.steps)).await?;
    Ok(Victim { node, case, moment, before, secret })
}

fn arguments(verb: &str, labels: &[&str]) -> Value {
    let mut body = json!({"target": verb});
    if !labels.is_empty() {
        body[format!("{verb}_steps")] = labels.iter().map(|label| step(label)).collect();
    }
    if verb == "rescue" {
        body["rescue_password"] = "s3cret".into();
    }
    body
}

/// The flow ends, and what happened at the point happened as often as it may.
async fn judge(rest: &Rest, prompter: &Prompter, victim: &Victim) -> anyhow::Result<()> {
    let Victim { node, case, moment, before, secret } = victim;
    let words = || format!("{case:?} {moment:?}, secret {secret}, node {}", node.uuid);
    if *secret {
        fails_openly(rest, node).await.with_context(words)?;
    } else if case.ramdisk {
        node.rests(case.ends).await.with_context(words)?;
        finish_with_ramdisk(node, case).await.with_context(words)?;
    } else {
        node.rests(case.ends).await.with_context(words)?;
    }
    let acts = prompter.acts(&node.uuid, case.point) - before;
    ensure!(acts >= 1 && acts <= case.most, "{}: acted {acts} times", words());
    expect_take_over(rest, &node.uuid).await.with_context(words)
}

/// Nobody can tell whether the step acted: the flow fails and says so.
async fn fails_openly(rest: &Rest, node: &FakeNode) -> anyhow::Result<()> {
    wait_for(format!("node {} to fail", node.uuid), DEADLINE, async || {
        let seen = rest.node(&node.uuid).await?;
        let error = seen["last_error"].as_str().unwrap_or_default();
        let failed = seen["reservation"].is_null() && error.contains("[step-outcome-unknown]");
        Ok(Look::when(failed, (), format!("{}: {error}", seen["provision_state"])))
    })
    .await
}

/// Plays the ramdisk's part, so that nothing waits at the end.
async fn finish_with_ramdisk(node: &FakeNode, case: &Case) -> anyhow::Result<()> {
    let end = match case.verb {
        "inspect" => {
            node.send_inventory().await?;
            "manageable"
        }
        verb => {
            node.heartbeat().await?;
            match verb {
                "clean" => "manageable",
                "rescue" => "rescue",
                _ => "active",
            }
        }
    };
    node.rests(end).await.map(drop)
}
