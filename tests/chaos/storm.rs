//! Deployments while conductors are struck at random moments.

use std::ops::Range;
use std::pin::pin;
use std::str::FromStr;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use ferric_bmc_sim::SimulatorConfig;
use ferric_tests::cluster::{Cluster, ClusterSpec, run};
use ferric_tests::fleet::{Fleet, quick_simulator};
use ferric_tests::leftovers::Database;
use ferric_tests::nodes::has_failed;
use ferric_tests::rest::Rest;
use ferric_tests::wait::{Look, wait_for};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::Value;

use crate::sessions::{self, Lives};
use crate::verdict::{Summary, judge};

/// Of ten blows, how many strike a conductor that holds a lease at that moment, if one does.
const AIMED: u32 = 8;

/// What strikes a conductor, and when.
#[derive(Debug)]
pub struct Storm {
    /// Where it rages.
    pub spec: ClusterSpec,
    /// What it is.
    pub blow: Blow,
    /// Deployments, unless `FERRIC_CHAOS_DEPLOYS` says otherwise.
    pub deploys: usize,
    /// Time between two blows, drawn anew each time. That it passes is the point of the test: moments that nothing in the
    /// product knows of.
    pub between_ms: Range<u64>,
    /// How long a struck conductor is away.
    pub away_ms: Range<u64>,
}

/// What strikes a conductor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blow {
    /// SIGKILL; it comes back as a new process.
    Kill,
    /// SIGSTOP; it comes back and knows nothing of the time that has passed.
    Freeze,
}

impl Blow {
    async fn strike(self, cluster: &mut Cluster, victim: &str) -> anyhow::Result<()> {
        let process = cluster.process(victim)?;
        match self {
            Self::Kill => process.kill().await,
            Self::Freeze => process.freeze().await,
        }
    }

    async fn recover(self, cluster: &mut Cluster, victim: &str) -> anyhow::Result<()> {
        match self {
            Self::Kill => cluster.start_again(victim).await,
            Self::Freeze => cluster.process(victim)?.thaw().await,
        }
    }
}

impl Storm {
    /// Deploys through the storm, judges every deployment, and prints a line that sums it up.
    pub async fn rage(self) -> anyhow::Result<()> {
        let deploys = setting("FERRIC_CHAOS_DEPLOYS")?.unwrap_or(self.deploys);
        let seed = setting("FERRIC_CHAOS_SEED")?.unwrap_or_else(|| rand::rng().random());
        let (blow, kind) = (self.blow, self.spec.kind);
        eprintln!("chaos: {blow:?} on {kind}, {deploys} deployments, FERRIC_CHAOS_SEED={seed}");
        let fleet = Fleet::start(sessions::forgetful(unhurried_simulator(deploys))).await?;
        let mut lives = Lives::default();
        // What is struck are deployments; cleaning before them would only take time.
        let spec = self.spec.clone().with("CONTROL__AUTOMATED_CLEAN", false);
        run(spec, async |cluster| {
            let nodes = fleet.make_available(&cluster.rest).await?;
            let database = cluster.database().await?;
            let begun = Instant::now();
            for uuid in &nodes {
                cluster.rest.provision(uuid, "active").await?;
            }
            let blows = self.strike_until_all_ended(cluster, &database, seed).await?;
            let mut summary = Summary { seed, blows, took: begun.elapsed(), ..Summary::default() };
            judge(&cluster.rest, &fleet, &database, &nodes, &mut summary).await?;
            eprintln!("{summary}");
            ensure!(summary.taken_over > 0, "no blow struck a conductor at work: nothing was tested");
            lives = cluster.conductor_lives();
            Ok(())
        })
        .await?;
        sessions::judge(&fleet, &lives).await
    }

    /// Strikes one conductor after the other until every deployment has ended; gives the number of blows.
    async fn strike_until_all_ended(
        &self,
        cluster: &mut Cluster,
        database: &Database,
        seed: u64,
    ) -> anyhow::Result<usize> {
        let mut random = StdRng::seed_from_u64(seed);
        let rest = cluster.rest.clone();
        let mut all_ended = pin!(wait_until_all_ended(&rest));
        let mut blows = 0;
        loop {
            let between = Duration::from_millis(random.random_range(self.between_ms.clone()));
            if let Ok(ended) = tokio::time::timeout(between, all_ended.as_mut()).await {
                return ended.map(|()| blows);
            }
            let victim = choose_victim(cluster, database, &mut random).await?;
            self.blow.strike(cluster, &victim).await?;
            blows += 1;
            let away = Duration::from_millis(random.random_range(self.away_ms.clone()));
            let ended = tokio::time::timeout(away, all_ended.as_mut()).await;
            self.blow.recover(cluster, &victim).await?;
            if let Ok(ended) = ended {
                return ended.map(|()| blows);
            }
        }
    }
}

/// Servers that take long enough over everything for a conductor to be struck in the middle of it.
fn unhurried_simulator(servers: usize) -> SimulatorConfig {
    SimulatorConfig {
        power_delay_ms: 100..=700,
        boot_delay: Duration::from_millis(300),
        step_delay: Duration::from_millis(500),
        ..quick_simulator(servers)
    }
}

async fn choose_victim(
    cluster: &Cluster,
    database: &Database,
    random: &mut StdRng,
) -> anyhow::Result<String> {
    let all = cluster.conductors();
    let working = database.holders_of_leases().await?;
    let aimed = random.random_ratio(AIMED, 10) && !working.is_empty();
    let from = if aimed { &working } else { &all };
    from.choose(random).cloned().context("there is no conductor")
}

async fn wait_until_all_ended(rest: &Rest) -> anyhow::Result<()> {
    const OVERALL: Duration = Duration::from_secs(600);
    wait_for("all deployments to end", OVERALL, async || {
        let path = "/v1/nodes?fields=uuid,provision_state,reservation,last_error";
        // In an all-in-one installation the API is away with the conductor.
        let Ok(answer) = rest.get(path).await else { return Ok(Look::NotYet("no answer".to_owned())) };
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

pub fn setting<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    name: &str,
) -> anyhow::Result<Option<T>> {
    let value = std::env::var(name).ok().filter(|value| !value.is_empty());
    value.map(|value| value.parse().with_context(|| format!("{name}={value}"))).transpose()
}
