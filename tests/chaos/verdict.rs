//! What must be true of every deployment when the storm is over, whatever struck in its middle.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use ferric_bmc_sim::{PowerState, Running, ServerView};
use ferric_model::action::Action;
use ferric_tests::fleet::Fleet;
use ferric_tests::leftovers::{Database, TaskRow};
use ferric_tests::nodes::HistoryEntry;
use ferric_tests::rest::Rest;
use ferric_tests::wait::DEADLINE;
use futures::future::try_join_all;
use serde_json::Value;

/// What the whole run counted.
#[derive(Debug, Default)]
pub struct Summary {
    /// Seed of the random choices.
    pub seed: u64,
    /// How often a conductor was struck.
    pub blows: usize,
    /// Deployments that ended well.
    pub completed: usize,
    /// Those that ended badly, by the code of their failure.
    pub failed: BTreeMap<String, usize>,
    /// How often a conductor was lost over a task.
    pub taken_over: i32,
    /// How often a task was claimed.
    pub claims: i64,
    /// Images that agents began to write.
    pub images_written: u32,
    /// From the first request to the last end.
    pub took: Duration,
}

/// Compares what Ferric says of every deployment with what its server has seen.
pub async fn judge(
    rest: &Rest,
    fleet: &Fleet,
    database: &Database,
    nodes: &[String],
    summary: &mut Summary,
) -> anyhow::Result<()> {
    let histories = try_join_all(nodes.iter().map(|uuid| rest.history(uuid))).await?;
    for (index, (uuid, history)) in nodes.iter().zip(&histories).enumerate() {
        let tasks = database.tasks(uuid, Action::Deploy).await?;
        let [task] = &tasks[..] else { bail!("node {uuid} has the deploy tasks {tasks:?}") };
        let clean_ups = database.tasks(uuid, Action::Abort).await?;
        let node = rest.node(uuid).await?;
        // What could not even be cleaned up, because that lost its conductors too, stays as it was left; history tells.
        let abandoned = clean_ups.iter().any(|task| task.state == "failed");
        let server =
            if abandoned { fleet.simulator.server(index) } else { settled(fleet, index, &node).await? };
        let words = || format!("node {uuid}, {task:?}, {clean_ups:?}, {server:?}, {history:#?}");
        judge_executions(task, &server, &node).with_context(words)?;
        judge_history(history, &node, summary).with_context(words)?;
        let lost: i32 = clean_ups.iter().chain([task]).map(|task| task.lost_leases).sum();
        judge_losses(lost, history).with_context(words)?;
        summary.taken_over += task.lost_leases;
        summary.claims += task.epoch;
        summary.images_written += count(&server, "write_image");
    }
    Ok(())
}

/// The server as it is once it runs what it was told to, or once everything of a failed deployment is taken away.
async fn settled(fleet: &Fleet, index: usize, node: &Value) -> anyhow::Result<ServerView> {
    let active = node["provision_state"] == "active";
    let as_told = |server: &ServerView| match active {
        true => server.running == Running::Instance,
        false => server.power_state == PowerState::Off && server.media.is_empty() && server.agent.is_none(),
    };
    let settled = fleet.simulator.wait_until(index, DEADLINE, as_told).await;
    settled.with_context(|| {
        let server = fleet.simulator.server(index);
        format!("the server of a node that is {} never became so: {server:?}", node["provision_state"])
    })
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

/// The end is told, the bad one with its reason and what to do.
fn judge_history(history: &[HistoryEntry], node: &Value, summary: &mut Summary) -> anyhow::Result<()> {
    if node["provision_state"] == "active" {
        let last = history.last().context("no history")?;
        ensure!(last.severity == "INFO" && last.event.contains("deployed"), "the success is not told");
        ensure!(node["last_error"].is_null(), "an active node has an error: {}", node["last_error"]);
        summary.completed += 1;
        return Ok(());
    }
    ensure!(node["provision_state"] == "deploy failed", "it ended as {}", node["provision_state"]);
    let failure = history.iter().rfind(|entry| entry.severity == "ERROR").context("no failure is told")?;
    ensure!(Some(failure.event.as_str()) == node["last_error"].as_str(), "the failure is not told");
    ensure!(failure.event.contains("Try next: "), "no advice: {}", failure.event);
    let code = failure.event.rsplit_once('[').map_or("no code", |(_, code)| code.trim_end_matches(']'));
    *summary.failed.entry(code.to_owned()).or_default() += 1;
    Ok(())
}

/// Every lost conductor is told.
fn judge_losses(lost: i32, history: &[HistoryEntry]) -> anyhow::Result<()> {
    const WORDS: [&str; 2] = ["another conductor takes over", "[conductors-lost]"];
    let tells = |entry: &&HistoryEntry| WORDS.iter().any(|words| entry.event.contains(words));
    let told = history.iter().filter(tells).count();
    ensure!(told == usize::try_from(lost)?, "{lost} conductors were lost and {told} entries tell of it");
    Ok(())
}

fn count(server: &ServerView, step: &str) -> u32 {
    server.counters.steps.get(step).copied().unwrap_or_default()
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "chaos: {} blows, {} completed, {} failed {:?}, {} takeovers, {} claims, {} images written, {:.1} s, seed {}",
            self.blows,
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
