//! What goes wrong in all weathers.

use std::ops::Range;
use std::time::Duration;

use anyhow::Context;
use ferric_bus::v1::action_envelope::Work;
use ferric_bus::v1::{ActionEnvelope, TaskWork};
use ferric_bus::{Bus, ENVELOPE_VERSION};
use ferric_tests::cluster::Cluster;
use ferric_tests::proxy::Proxy;
use ferric_tests::services::{Pace, Service, can_strike, restart, set_disk};
use ferric_tests::wait::{Look, wait_for};
use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

/// Envelopes that come once more at a time.
const COPIES: i64 = 20;

/// How long a broker may refuse.
const RECOVERY: Duration = Duration::from_secs(120);

/// Something that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// SIGKILL; it comes back as a new process.
    ConductorKilled,
    ApiKilled,
    /// SIGSTOP; it comes back and knows nothing of the time that has passed.
    ConductorFrozen,
    ApiFrozen,
    /// Every connection ends.
    DatabaseCut,
    BrokerCut,
    /// And nobody can connect for a while.
    DatabaseAway,
    BrokerAway,
    /// What is sent does not arrive for a while, and nobody says so.
    DatabaseSilent,
    BrokerSilent,
    /// What has to be on the server's disk takes long to get there.
    DatabaseDiskSlow,
    BrokerDiskSlow,
    /// The server itself crashes, and comes back with what it had stored.
    DatabaseCrashed,
    BrokerCrashed,
    /// The broker comes back without its data.
    BrokerEmptied,
    /// Envelopes come once more, of tasks that wait, run and have ended.
    Duplicated,
}

/// Those that concern nobody but the installation.
const OWN: [Fault; 12] = [
    Fault::ConductorKilled,
    Fault::ApiKilled,
    Fault::ConductorFrozen,
    Fault::ApiFrozen,
    Fault::DatabaseCut,
    Fault::BrokerCut,
    Fault::DatabaseAway,
    Fault::BrokerAway,
    Fault::DatabaseSilent,
    Fault::BrokerSilent,
    Fault::BrokerEmptied,
    Fault::Duplicated,
];

/// What a fault strikes.
pub struct Scene<'a> {
    pub cluster: &'a mut Cluster,
    /// To the broker, past the link that is cut.
    pub bus: &'a dyn Bus,
    pub random: &'a mut StdRng,
}

impl Fault {
    /// Those that can be: servers crash, and wait for slow disks, only where the run has them to itself. What cannot be is
    /// told with its reason.
    pub async fn possible() -> Vec<Self> {
        let mut possible = OWN.to_vec();
        if !can_strike() {
            eprintln!("chaos: servers neither crash nor get slow disks in this run, for others use them");
            return possible;
        }
        possible.extend([Self::DatabaseCrashed, Self::BrokerCrashed]);
        for slow in [Self::DatabaseDiskSlow, Self::BrokerDiskSlow] {
            match set_disk(slow.service(), Pace::Try).await {
                Ok(()) => possible.push(slow),
                Err(error) => eprintln!("chaos: {slow:?} cannot be here: {error:#}"),
            }
        }
        possible
    }

    /// The server that is struck.
    const fn service(self) -> Service {
        match self {
            Self::BrokerCrashed | Self::BrokerDiskSlow => Service::Rabbitmq,
            _ => Service::Postgres,
        }
    }

    /// Lets it happen, and be over.
    pub async fn strike(self, scene: &mut Scene<'_>) -> anyhow::Result<()> {
        match self {
            Self::ConductorKilled => scene.kill(Cluster::conductors).await,
            Self::ApiKilled => scene.kill(Cluster::apis).await,
            Self::ConductorFrozen => scene.freeze(Cluster::conductors).await,
            Self::ApiFrozen => scene.freeze(Cluster::apis).await,
            Self::DatabaseCut | Self::BrokerCut => {
                scene.link(self == Self::DatabaseCut)?.cut();
                Ok(())
            }
            Self::DatabaseAway | Self::BrokerAway => scene.close(self == Self::DatabaseAway).await,
            Self::DatabaseSilent | Self::BrokerSilent => scene.silence(self == Self::DatabaseSilent).await,
            Self::DatabaseDiskSlow | Self::BrokerDiskSlow => scene.slow_down(self.service()).await,
            Self::DatabaseCrashed | Self::BrokerCrashed => restart(self.service()).await,
            Self::BrokerEmptied => scene.cluster.empty_broker(),
            Self::Duplicated => scene.duplicate().await,
        }
    }
}

impl Scene<'_> {
    fn choose(&mut self, among: impl Fn(&Cluster) -> Vec<String>) -> anyhow::Result<String> {
        among(self.cluster).choose(self.random).cloned().context("there is no such process")
    }

    fn link(&self, database: bool) -> anyhow::Result<&Proxy> {
        let links = self.cluster.links().context("no links")?;
        Ok(if database { &links.database } else { &links.broker })
    }

    async fn kill(&mut self, among: impl Fn(&Cluster) -> Vec<String>) -> anyhow::Result<()> {
        let victim = self.choose(among)?;
        self.cluster.process(&victim)?.kill().await?;
        away(self.random, 0..1_500).await;
        self.cluster.start_again(&victim).await
    }

    async fn freeze(&mut self, among: impl Fn(&Cluster) -> Vec<String>) -> anyhow::Result<()> {
        let victim = self.choose(among)?;
        self.cluster.process(&victim)?.freeze().await?;
        away(self.random, 500..8_000).await;
        self.cluster.process(&victim)?.thaw().await
    }

    async fn close(&mut self, database: bool) -> anyhow::Result<()> {
        let link = self.link(database)?;
        link.set_open(false);
        link.cut();
        away(self.random, 200..4_000).await;
        self.link(database)?.set_open(true);
        Ok(())
    }

    async fn silence(&mut self, database: bool) -> anyhow::Result<()> {
        self.link(database)?.set_flowing(false);
        away(self.random, 500..8_000).await;
        self.link(database)?.set_flowing(true);
        Ok(())
    }

    async fn slow_down(&mut self, service: Service) -> anyhow::Result<()> {
        set_disk(service, Pace::Slow).await?;
        away(self.random, 2_000..10_000).await;
        set_disk(service, Pace::Normal).await
    }

    async fn duplicate(&mut self) -> anyhow::Result<()> {
        for task in self.cluster.database().await?.some_tasks(COPIES).await? {
            let group = task.conductor_group;
            let work = TaskWork { task_id: task.id, node_uuid: task.node_uuid, action: task.action };
            let (traceparent, work) = (String::new(), Some(Work::Task(work)));
            let envelope = ActionEnvelope { version: ENVELOPE_VERSION, work, traceparent };
            // A broker that has just come back, or waits for its disk, refuses for a while.
            wait_for("the broker to take a copy", RECOVERY, async || {
                Ok(match self.bus.publish_action(&group, &envelope).await {
                    Ok(()) => Look::There(()),
                    Err(error) => Look::NotYet(error.to_string()),
                })
            })
            .await?;
        }
        Ok(())
    }
}

/// Lets random time pass: moments that nothing in the product knows of.
pub async fn away(random: &mut StdRng, ms: Range<u64>) {
    let time = Duration::from_millis(random.random_range(ms));
    tokio::time::timeout(time, std::future::pending::<()>()).await.unwrap_or_default();
}
