//! Conductors are killed (SIGKILL) at random moments while they deploy, and started again: every deployment ends, `active`
//! or failed with an explanation, none is carried out twice at once, and nothing is left over.
//!
//! `FERRIC_CHAOS_DEPLOYS` says how many deployments, `FERRIC_CHAOS_SEED` repeats the choices of an earlier run (not its
//! timing: that is the operating system's).

use std::collections::BTreeMap;
use std::fmt;
use std::pin::pin;
use std::str::FromStr;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use ferric_bmc_sim::{Running, ServerView};
use ferric_tests::cluster::{Cluster, ClusterSpec, Kind, run};
use ferric_tests::fleet::{Fleet, quick_simulator};
use ferric_tests::leftovers::{Database, TaskRow};
use ferric_tests::nodes::{HistoryEntry, has_failed};
use ferric_tests::rest::Rest;
use ferric_tests::wait::{DEADLINE, Look, wait_for};
use futures::future::try_join_all;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::Value;

/// Deployments of an ordinary test run.
const USUAL_DEPLOYS: usize = 12;

/// Conductors; one of them may always be on its way up.
const CONDUCTORS: usize = 3;

/// Time between two kills, drawn anew each time. That it passes is the point of the test: moments that nothing in the
/// product knows of.
const BETWEEN_KILLS_MS: std::ops::Range<u64> = 200..1800;

/// How long a killed conductor stays away.
const AWAY_MS: std::ops::Range<u64> = 0..2500;

/// Of ten kills, how many hit a conductor that holds a lease at that moment, if one does.
const AIMED_KILLS: u32 = 8;

/// What the whole run counted.
#[derive(Debug, Default)]
struct Summary {
    seed: u64,
    kills: usize,
    completed: usize,
    failed: BTreeMap<String, usize>,
    taken_over: i32,
    claims: i64,
    images_written: u32,
    took: Duration,
}

#[tokio::test(flavor = "multi_thread")]
async fn conductor_kill() -> anyhow::Result<()> {
    let deploys = setting("FERRIC_CHAOS_DEPLOYS")?.unwrap_or(USUAL_DEPLOYS);
    let seed = setting("FERRIC_CHAOS_SEED")?.unwrap_or_else(|| rand::rng().random());
    eprintln!("chaos: {deploys} deployments, FERRIC_CHAOS_SEED={seed}");
    let fleet = Fleet::start(quick_simulator(deploys)).await?;
    // What is killed are deployments; cleaning before them would only take time.
    let spec = ClusterSpec::new(Kind::Split { apis: 1, conductors: CONDUCTORS })
        .with("CONTROL__AUTOMATED_CLEAN", false);
    run(spec, async |cluster| {
        let nodes = fleet.make_available(&cluster.rest).await?;
        let database = cluster.database().await?;
        let begun = Instant::now();
        for uuid in &nodes {
            cluster.rest.provision(uuid, "active").await?;
        }
        let kills = kill_until_all_ended(cluster, &database, StdRng::seed_from_u64(seed)).await?;
        let mut summary = Summary { seed, kills, took: begun.elapsed(), ..Summary::default() };
        judge(&cluster.rest, &fleet, &database, &nodes, &mut summary).await?;
        eprintln!("{summary}");
        ensure!(summary.taken_over > 0, "no kill hit a conductor at work: nothing was tested");
        Ok(())
    })
    .await
}

/// Kills one conductor after the other until every deployment has ended; gives the number of kills.
async fn kill_until_all_ended(
    cluster: &mut Cluster,
    database: &Database,
    mut random: StdRng,
) -> anyhow::Result<usize> {
    let rest = cluster.rest.clone();
    let mut all_ended = pin!(wait_until_all_ended(&rest));
    let mut kills = 0;
    loop {
        let between = Duration::from_millis(random.random_range(BETWEEN_KILLS_MS));
        if let Ok(ended) = tokio::time::timeout(between, all_ended.as_mut()).await {
            return ended.map(|()| kills);
        }
        let victim = choose_victim(cluster, database, &mut random).await?;
        cluster.process(&victim)?.kill().await?;
        kills += 1;
        let away = Duration::from_millis(random.random_range(AWAY_MS));
        let ended = tokio::time::timeout(away, all_ended.as_mut()).await;
        cluster.start_again(&victim).await?;
        if let Ok(ended) = ended {
            return ended.map(|()| kills);
        }
    }
}

async fn choose_victim(
    cluster: &Cluster,
    database: &Database,
    random: &mut StdRng,
) -> anyhow::Result<String> {
    let all = cluster.conductors();
    let working = database.holders_of_leases().await?;
    let aimed = random.random_ratio(AIMED_KILLS, 10) && !working.is_empty();
    let from = if aimed { &working } else { &all };
    from.choose(random).cloned().context("there is no conductor")
}

async fn wait_until_all_ended(rest: &Rest) -> anyhow::Result<()> {
    const OVERALL: Duration = Duration::from_secs(600);
    wait_for("all deployments to end", OVERALL, async || {
        let answer = rest.get("/v1/nodes?fields=uuid,provision_state,reservation,last_error").await?;
        let nodes = answer["nodes"].as_array().context("the nodes are no list")?;
        let ended = |node: &&Value| {
            node["reservation"].is_null() && (node["provision_state"] == "active" || has_failed(node))
        };
        let open: Vec<String> = nodes
            .iter()
            .filter(|node| !ended(node))
            .map(|node| format!("{} {}", node["uuid"], node["provision_state"]))
            .collect();
        Ok(Look::when(open.is_empty(), (), open.join(", ")))
    })
    .await
}

/// Compares what Ferric says of every deployment with what its server has seen.
async fn judge(
    rest: &Rest,
    fleet: &Fleet,
    database: &Database,
    nodes: &[String],
    summary: &mut Summary,
) -> anyhow::Result<()> {
    let tasks = database.tasks("deploy").await?;
    let histories = try_join_all(nodes.iter().map(|uuid| rest.history(uuid))).await?;
    for (index, (uuid, history)) in nodes.iter().zip(&histories).enumerate() {
        let of_node: Vec<&TaskRow> = tasks.iter().filter(|task| task.node_uuid == *uuid).collect();
        let [task] = of_node[..] else { bail!("node {uuid} has the deploy tasks {of_node:?}") };
        let node = rest.node(uuid).await?;
        let server = settled(fleet, index, &node).await?;
        let words = || format!("node {uuid}, {task:?}, {server:?}, {history:#?}");
        judge_executions(task, &server, &node).with_context(words)?;
        judge_history(task, history, &node, summary).with_context(words)?;
        summary.taken_over += task.lost_leases;
        summary.claims += task.epoch;
        summary.images_written += count(&server, "write_image");
    }
    Ok(())
}

/// The server as it is once it runs what it was told to.
async fn settled(fleet: &Fleet, index: usize, node: &Value) -> anyhow::Result<ServerView> {
    if node["provision_state"] != "active" {
        return Ok(fleet.simulator.server(index));
    }
    let settled =
        fleet.simulator.wait_until(index, DEADLINE, |server| server.running == Running::Instance).await;
    settled.with_context(|| format!("an active node runs no instance: {:?}", fleet.simulator.server(index)))
}

/// What the server counted: agents and steps that were ever active at once, images written, boots.
fn judge_executions(task: &TaskRow, server: &ServerView, node: &Value) -> anyhow::Result<()> {
    let counters = &server.counters;
    ensure!(counters.max_agents_alive <= 1, "two agents lived at once");
    let written = count(server, "write_image");
    ensure!(written <= 1, "the image was written {written} times");
    ensure!(i64::from(written) <= task.epoch, "an image was written that nobody had claimed");
    // The ramdisk and the instance; whoever takes over may have to begin a boot again.
    let lost = u32::try_from(task.lost_leases)?;
    ensure!(counters.boots <= 2 + lost, "{} boots with {lost} lost conductors", counters.boots);
    if node["provision_state"] == "active" {
        ensure!(task.state == "succeeded" && written == 1, "an active node without an image");
        ensure!(
            server.disk.is_some() && server.media.is_empty() && server.agent.is_none(),
            "not as deployed"
        );
    } else {
        ensure!(task.state == "failed", "the task did not fail but its node did");
    }
    Ok(())
}

/// Every lost conductor and the end are told, the bad end with its reason and what to do.
fn judge_history(
    task: &TaskRow,
    history: &[HistoryEntry],
    node: &Value,
    summary: &mut Summary,
) -> anyhow::Result<()> {
    let last = history.last().context("no history")?;
    let mut lost =
        history.iter().filter(|entry| entry.event.contains("another conductor takes over")).count();
    if node["provision_state"] == "active" {
        ensure!(last.severity == "INFO" && last.event.contains("deployed"), "the success is not told");
        ensure!(node["last_error"].is_null(), "an active node has an error: {}", node["last_error"]);
        summary.completed += 1;
    } else {
        ensure!(node["provision_state"] == "deploy failed", "it ended as {}", node["provision_state"]);
        ensure!(Some(last.event.as_str()) == node["last_error"].as_str(), "the failure is not told");
        ensure!(last.event.contains("Try next: "), "no advice: {}", last.event);
        let code = last.event.rsplit_once('[').map_or("no code", |(_, code)| code.trim_end_matches(']'));
        lost += usize::from(code == "conductors-lost");
        *summary.failed.entry(code.to_owned()).or_default() += 1;
    }
    ensure!(lost == usize::try_from(task.lost_leases)?, "{lost} entries tell of lost conductors");
    Ok(())
}

fn count(server: &ServerView, step: &str) -> u32 {
    server.counters.steps.get(step).copied().unwrap_or_default()
}

fn setting<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    name: &str,
) -> anyhow::Result<Option<T>> {
    let value = std::env::var(name).ok().filter(|value| !value.is_empty());
    value.map(|value| value.parse().with_context(|| format!("{name}={value}"))).transpose()
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "chaos: {} kills, {} completed, {} failed {:?}, {} takeovers, {} claims, {} images written, {:.1} s, seed {}",
            self.kills,
            self.completed,
            self.failed.values().sum::<usize>(),
            self.failed,
            self.taken_over,
            self.claims,
            self.images_written,
            self.took.as_secs_f32(),
            self.seed
        )
    }
}
