//! The same of simulated servers: their BMC or agent holds the request at which the conductor dies, and they count what was done.

use std::time::Duration;

use anyhow::{Context, ensure};
use ferric_bmc_sim::{Fault, FaultKind, SimulatorConfig};
use ferric_tests::cluster::{ClusterSpec, Kind, run};
use ferric_tests::fleet::{Fleet, quick_simulator};
use ferric_tests::on_both_kinds;
use ferric_tests::rest::Rest;
use ferric_tests::wait::DEADLINE;
use futures::future::join_all;
use futures::stream::{self, StreamExt};
use serde_json::{Value, json};

use super::cases::{CASES, Case, POWER_ON};
use super::{expect_take_over, kill_all};

on_both_kinds!(resume);

/// With this variable every case is played on both kinds of installation. Without it each is played on one of them, but those
/// of steps that must not act twice on both.
const EVERY: &str = "FERRIC_CHAOS_EVERY_STEP";

/// How many hardware models there are.
const MODELS: usize = 2;

/// The volume that is made where one is.
const VOLUME: [(&str, u32); MODELS] = [("1", 100), ("5", 1000)];

/// How many servers are led to their flow at the same time.
const AT_ONCE: usize = 12;

/// All flows go on at the same moment.
const PATIENCE: Duration = DEADLINE.saturating_mul(3);

/// When the conductor dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// Nothing of the act has happened yet.
    Before,
    /// It has been carried out, and the conductor does not know.
    During,
    /// The conductor knows, and is about to ask for what follows.
    After,
}

/// A server whose conductor dies.
#[derive(Debug)]
struct Victim {
    index: usize,
    uuid: String,
    case: Case,
    moment: Moment,
    /// What had been done before the flow began.
    before: u32,
}

async fn resume(spec: ClusterSpec) -> anyhow::Result<()> {
    let moments = [Moment::Before, Moment::During, Moment::After];
    let (every, half) = (std::env::var_os(EVERY).is_some(), usize::from(spec.kind == Kind::AllInOne));
    let all: Vec<(Case, Moment)> = CASES
        .iter()
        .flat_map(|case| moments.map(|moment| (*case, moment)))
        .filter(|(case, moment)| *moment != Moment::After || !case.next.is_empty())
        .enumerate()
        .filter(|(number, (case, _))| every || case.most == 1 || number % 2 == half)
        .map(|(_, one)| one)
        .collect();
    let servers = all.len() * MODELS;
    let task_delay = Duration::from_millis(300);
    let fleet = Fleet::start(SimulatorConfig { task_delay, ..quick_simulator(servers) }).await?;
    let spec = spec
        .with("CONDUCTOR__MAX_TASKS", 128)
        // Only those are lost that are killed, however much is going on at once.
        .with("CONTROL__LEASE_SECS", 15)
        // Nobody gives up while the others come to where they are to die.
        .with("REDFISH__ANSWER_TIMEOUT_MS", 120_000)
        .with("AGENT__CALL_TIMEOUT_SECS", 120)
        .with("CONDUCTOR__POWER_TIMEOUT_SECS", 60);
    run(spec, async |cluster| {
        let rest = cluster.rest.clone();
        let begun = all
            .into_iter()
            .enumerate()
            .map(|(number, (case, moment))| begin(&rest, &fleet, number * MODELS + case.model, case, moment));
        let (mut victims, mut lost) = (Vec::new(), Vec::new());
        // Each of these ends when its conductor stands where it is to die.
        let mut begun = stream::iter(begun).buffer_unordered(AT_ONCE);
        while let Some(begun) = begun.next().await {
            match begun {
                Ok(victim) => victims.push(victim),
                Err(error) => lost.push(format!("{error:#}")),
            }
        }
        kill_all(cluster).await?;
        let judged = join_all(victims.iter().map(|victim| judge(&rest, &fleet, victim))).await;
        lost.extend(judged.into_iter().filter_map(Result::err).map(|error| format!("{error:#}")));
        ensure!(lost.is_empty(), "{} flows went wrong: {lost:#?}", lost.len());
        Ok(())
    })
    .await
}

/// Leads a server to its flow and begins that, until the conductor stands where it is to die.
async fn begin(
    rest: &Rest,
    fleet: &Fleet,
    index: usize,
    case: Case,
    moment: Moment,
) -> anyhow::Result<Victim> {
    let words = || format!("{case:?} {moment:?}");
    let uuid = fleet.enroll_quick(rest, index).await?;
    for (path, value) in case.set {
        rest.set(&uuid, path, &json!(value)).await?;
    }
    for way in case.way {
        lead(rest, fleet, &uuid, index, *way).await.with_context(words)?;
    }
    if case.steps.contains(&"raid.create_configuration") {
        let (level, size) = VOLUME[case.model];
        let layout = json!({"logical_disks": [{"raid_level": level, "size_gb": size}]});
        rest.put(&format!("/v1/nodes/{uuid}/states/raid"), &layout).await?;
    }
    let server = fleet.simulator.server(index);
    let before = (case.done)(&server.counters);
    let mut gates = Vec::from_iter(case.past.map(|past| (past, false)));
    match moment {
        Moment::Before => gates.push((case.act, false)),
        Moment::During => gates.push((case.act, true)),
        Moment::After => gates.extend([(case.act, true), (case.next, false)]),
    }
    for (at, (target, after)) in (1..).zip(gates) {
        fleet.simulator.fault(index, Fault::new(FaultKind::Hold { after }).on(target));
        match at {
            1 => rest.provision_with(&uuid, &arguments(fleet, case)).await.with_context(words)?,
            _ => fleet.simulator.release(index),
        }
        let wanted = server.counters.holds + at;
        let held =
            fleet.simulator.wait_until(index, DEADLINE, |server| server.counters.holds == wanted).await;
        held.with_context(|| format!("{}: nobody came to {target}", words()))?;
    }
    Ok(Victim { index, uuid, case, moment, before })
}

async fn lead(rest: &Rest, fleet: &Fleet, uuid: &str, index: usize, way: (&str, &str)) -> anyhow::Result<()> {
    if way == POWER_ON {
        rest.put(&format!("/v1/nodes/{uuid}/states/power"), &json!({"target": way.0})).await?;
        let on = |server: &ferric_bmc_sim::ServerView| server.power_state == ferric_bmc_sim::PowerState::On;
        fleet.simulator.wait_until(index, DEADLINE, on).await?;
        return rest.wait_for_state(uuid, "active", DEADLINE).await.map(drop);
    }
    let mut body = json!({"target": way.0});
    if way.0 == "rescue" {
        body["rescue_password"] = "s3cret".into();
    }
    rest.provision_with(uuid, &body).await?;
    rest.wait_for_state(uuid, way.1, DEADLINE).await.map(drop)
}

fn arguments(fleet: &Fleet, case: Case) -> Value {
    let mut body = json!({"target": case.verb});
    if !case.steps.is_empty() {
        body[format!("{}_steps", case.verb)] = case.steps.iter().map(|label| step(fleet, label)).collect();
    }
    if case.verb == "rescue" {
        body["rescue_password"] = "s3cret".into();
    }
    body
}

fn step(fleet: &Fleet, label: &str) -> Value {
    let (interface, name) = label.split_once('.').unwrap_or(("deploy", label));
    let args = match label {
        "bios.apply_configuration" => json!({"settings": [{"name": "SmtControl", "value": "Disabled"}]}),
        "firmware.update" => {
            let url =
                fleet.images.publish("bios", &json!({"component": "bios", "version": "9.9"}).to_string());
            json!({"settings": [{"component": "bios", "url": url}]})
        }
        _ => json!({}),
    };
    json!({"interface": interface, "step": name, "args": args})
}

/// The flow ends, and what the step is about was done as often as it may be.
async fn judge(rest: &Rest, fleet: &Fleet, victim: &Victim) -> anyhow::Result<()> {
    let Victim { index, uuid, case, moment, before } = victim;
    let words = || format!("{case:?} {moment:?}, server {index}, node {uuid}");
    end(rest, uuid, case).await.with_context(words)?;
    let counters = fleet.simulator.server(*index).counters;
    let done = (case.done)(&counters) - before;
    let least = u32::from(case.most != u32::MAX);
    ensure!(least <= done && done <= case.most, "{}: done {done} times: {counters:?}", words());
    ensure!(counters.max_agents_alive <= 1, "{}: several agents lived at once", words());
    expect_take_over(rest, uuid).await.with_context(words)
}

/// Waits for the end that the case foresees.
async fn end(rest: &Rest, uuid: &str, case: &Case) -> anyhow::Result<()> {
    let ended = rest.wait_for_state(uuid, case.ends, PATIENCE).await;
    match (ended, case.or_fails) {
        (Err(error), Some((state, code))) => {
            let node = rest.node(uuid).await?;
            let told = node["last_error"].as_str().unwrap_or_default();
            let openly = node["provision_state"] == state && told.contains(&format!("[{code}]"));
            if openly { Ok(()) } else { Err(error) }
        }
        (ended, _) => ended.map(drop),
    }
}
