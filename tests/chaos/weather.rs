//! Everything goes wrong at once, for as long as it takes, while nodes are deployed and undeployed all the time. In the end
//! every accepted request has come to exactly one end, every failure is told, and nothing is left over: no task, lease, lock or outbox
//! row, and no session at a BMC.
//!
//! `FERRIC_CHAOS_SECONDS` says how long; `cargo xtask chaos --minutes N` sets it, and lets database and broker crash and wait for
//! slow disks too.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use ferric_bmc_sim::SimulatorConfig;
use ferric_tests::cluster::{ClusterSpec, Kind, run};
use ferric_tests::fleet::{Fleet, quick_simulator};
use ferric_tests::leftovers::Database;
use ferric_tests::rest::Rest;
use ferric_tests::wait::{Look, wait_for};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::fault::{Fault, Scene, away};
use crate::sessions::{self, Lives};
use crate::storm::setting;

/// How long the short form lasts.
const SHORT: u64 = 20;

/// Servers.
const SERVERS: usize = 12;

/// How long everything may take to come to its end afterwards.
const CALM: Duration = Duration::from_secs(300);

/// What became of the requests that were sent.
#[derive(Debug, Default)]
struct Requests {
    accepted: usize,
    /// Whether they were accepted, nobody heard.
    unknown: usize,
    refused: usize,
}

#[tokio::test(flavor = "multi_thread")]
async fn all_weathers() -> anyhow::Result<()> {
    let lasts = Duration::from_secs(setting("FERRIC_CHAOS_SECONDS")?.unwrap_or(SHORT));
    let seed = setting("FERRIC_CHAOS_SEED")?.unwrap_or_else(|| rand::rng().random());
    eprintln!("chaos: all weathers for {lasts:?}, FERRIC_CHAOS_SEED={seed}");
    let simulator = SimulatorConfig { step_delay: Duration::from_millis(200), ..quick_simulator(SERVERS) };
    let fleet = Fleet::start(sessions::forgetful(simulator)).await?;
    let mut lives = Lives::default();
    let possible = Fault::possible().await;
    let spec = ClusterSpec::new(Kind::Split { apis: 2, conductors: 3 })
        .behind_links()
        .with("BUS__RENEW_SECS", 10)
        .with("CONTROL__AUTOMATED_CLEAN", false)
        .with("CONTROL__MAX_LOST_LEASES", 5)
        .with("CONDUCTOR__DEPLOY_CALLBACK_TIMEOUT_SECS", 30);
    run(spec, async |cluster| {
        let nodes = fleet.make_available(&cluster.rest).await?;
        let before = cluster.database().await?.count_tasks().await?;
        let bus = cluster.bus().await?;
        let mut deck = Vec::new();
        let calm = CancellationToken::new();
        let load = tokio::spawn(load(cluster.rest.clone(), fleet.instance_info(), calm.clone()));
        let mut faults: BTreeMap<Fault, usize> = BTreeMap::new();
        let mut random = StdRng::seed_from_u64(seed);
        let begun = Instant::now();
        while begun.elapsed() < lasts {
            away(&mut random, 100..1_500).await;
            // Each once before any comes again.
            if deck.is_empty() {
                deck = possible.clone();
                deck.shuffle(&mut random);
            }
            let fault = deck.pop().context("no faults")?;
            let mut scene = Scene { cluster, bus: bus.as_ref(), random: &mut random };
            fault.strike(&mut scene).await.with_context(|| format!("{fault:?}"))?;
            *faults.entry(fault).or_default() += 1;
        }
        calm.cancel();
        let requests = load.await?;
        wait_for_rest(&cluster.rest).await?;
        bus.close().await;
        judge(&cluster.database().await?, &nodes, before, &requests).await?;
        let count: usize = faults.values().sum();
        let Requests { accepted, unknown, refused } = &requests;
        eprintln!(
            "chaos: {count} faults in {:?}: {faults:?}; {accepted} requests accepted, {unknown} unknown, {refused} refused",
            begun.elapsed()
        );
        ensure!(requests.accepted > 0, "nothing was under way: nothing was tested");
        lives = cluster.conductor_lives();
        Ok(())
    })
    .await?;
    sessions::judge(&fleet, &lives).await
}

/// Asks every node that rests for the next thing, until it is calm.
async fn load(rest: Rest, instance_info: Value, calm: CancellationToken) -> Requests {
    let mut requests = Requests::default();
    while !calm.is_cancelled() {
        tokio::time::timeout(Duration::from_millis(200), calm.cancelled()).await.unwrap_or_default();
        let path = "/v1/nodes?fields=uuid,provision_state,reservation";
        let Ok(answer) = rest.send(Method::GET, path, None).await else { continue };
        for node in answer.body["nodes"].as_array().into_iter().flatten() {
            let (Some(uuid), Some(state)) = (node["uuid"].as_str(), node["provision_state"].as_str()) else {
                continue;
            };
            let target = match state {
                "available" => "active",
                "active" | "deploy failed" | "error" => "deleted",
                _ => continue,
            };
            if !node["reservation"].is_null() || calm.is_cancelled() {
                continue;
            }
            if target == "active" {
                let patch = json!([{"op": "add", "path": "/instance_info", "value": instance_info}]);
                let patched = rest.send(Method::PATCH, &format!("/v1/nodes/{uuid}"), Some(&patch)).await;
                if !patched.is_ok_and(|answer| answer.status.is_success()) {
                    continue;
                }
            }
            let path = format!("/v1/nodes/{uuid}/states/provision");
            match rest.send(Method::PUT, &path, Some(&json!({"target": target}))).await {
                Ok(answer) if answer.status == StatusCode::ACCEPTED => requests.accepted += 1,
                Ok(answer) if answer.status.is_client_error() => requests.refused += 1,
                // An API process that loses its database in the middle cannot say whether it had been accepted.
                Ok(_) | Err(_) => requests.unknown += 1,
            }
        }
    }
    requests
}

async fn wait_for_rest(rest: &Rest) -> anyhow::Result<()> {
    wait_for("all nodes to rest", CALM, async || {
        let path = "/v1/nodes?fields=uuid,provision_state,reservation";
        let Ok(answer) = rest.get(path).await else { return Ok(Look::NotYet("no answer".to_owned())) };
        let nodes = answer["nodes"].as_array().context("the nodes are no list")?;
        let rests = |node: &&Value| {
            let state = node["provision_state"].as_str().unwrap_or_default();
            node["reservation"].is_null()
                && ["available", "active", "deploy failed", "error"].contains(&state)
        };
        let open: Vec<String> = nodes
            .iter()
            .filter(|node| !rests(node))
            .map(|node| format!("{} {}", node["uuid"], node["provision_state"]))
            .collect();
        Ok(Look::when(open.is_empty(), (), open.join(", ")))
    })
    .await
}

/// Every request that was accepted is one task that has ended, and every failure is told.
async fn judge(
    database: &Database,
    nodes: &[String],
    before: i64,
    requests: &Requests,
) -> anyhow::Result<()> {
    let tasks = usize::try_from(database.count_tasks().await? - before)?;
    let most = requests.accepted + requests.unknown;
    ensure!((requests.accepted..=most).contains(&tasks), "{tasks} tasks of {requests:?}");
    let miscounted = database.miscounted_ends().await?;
    ensure!(miscounted.is_empty(), "not told once that it ended: {miscounted:?}");
    let untold = database.untold_failures().await?;
    ensure!(untold.is_empty(), "failures without history: {untold:?}");
    ensure!(!nodes.is_empty(), "no nodes");
    Ok(())
}
