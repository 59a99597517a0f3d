//! Carries power transitions out in time, and starts and ends what runs on a server with them.

use std::sync::Arc;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::agent::{self, Agent};
use crate::clock;
use crate::fleet::{Fleet, Live};
use crate::state::{Begin, BootSource, Next, ResetRefused, ResetType};

/// What runs on a server between power on and power off.
#[derive(Default)]
pub(crate) struct Activity {
    uptime: Option<CancellationToken>,
    task: Option<JoinHandle<()>>,
    pub agent: Option<Arc<Agent>>,
}

/// One uninterrupted run of a server: from its power coming on until it goes off or is reset.
#[derive(Clone)]
pub(crate) struct Uptime {
    pub fleet: Arc<Fleet>,
    pub index: usize,
    token: CancellationToken,
}

/// A reset asked for through the BMC.
pub(crate) fn reset(fleet: &Arc<Fleet>, index: usize, kind: ResetType) -> Result<(), ResetRefused> {
    fleet.update(index, |live| {
        apply(fleet, index, live, kind)?;
        *live.state.counters.resets.entry(kind).or_default() += 1;
        Ok(())
    })
}

fn apply(fleet: &Arc<Fleet>, index: usize, live: &mut Live, kind: ResetType) -> Result<(), ResetRefused> {
    let begin = live.state.reset(kind, &clock::now())?;
    tracing::info!(server = index, reset = kind.as_str(), power = live.state.power.as_str(), "reset");
    if let Begin::Transition { generation } = begin {
        live.activity.end();
        let shutdown = fleet.shutdown.clone();
        let transition = transition(Arc::clone(fleet), index, generation);
        fleet.tracker.spawn_on(
            async move {
                shutdown.run_until_cancelled(transition).await;
            },
            &fleet.runtime,
        );
    }
    Ok(())
}

async fn transition(fleet: Arc<Fleet>, index: usize, generation: u64) {
    loop {
        tokio::time::sleep(fleet.power_delay(index)).await;
        let next = fleet.update(index, |live| {
            let next = live.state.advance(generation, fleet.servers[index].model, &clock::now());
            if next == Next::Boot {
                let volumes = live.state.volumes.take_settled();
                for id in volumes.into_iter().chain(live.state.firmware.take_settled()) {
                    fleet.tasks.finish(id, clock::now(), None);
                }
                let source = live.state.choose_boot_source();
                tracing::info!(server = index, source = source.label(), "boot");
                live.activity.begin(&fleet, index, source);
            }
            next
        });
        if next != Next::Wait {
            return;
        }
    }
}

impl Activity {
    /// Ends whatever runs; takes effect before anything else can change the server.
    pub(crate) fn end(&mut self) {
        if let Some(uptime) = self.uptime.take() {
            uptime.cancel();
        }
        self.agent = None;
    }

    fn begin(&mut self, fleet: &Arc<Fleet>, index: usize, source: BootSource) {
        self.end();
        let token = fleet.shutdown.child_token();
        self.uptime = Some(token.clone());
        let previous = self.task.take();
        let uptime = Uptime { fleet: Arc::clone(fleet), index, token: token.clone() };
        let work = async move {
            if let Some(previous) = previous
                && let Err(error) = previous.await
            {
                tracing::error!(server = index, %error, "the previous run of the server crashed");
            }
            token.run_until_cancelled(agent::boot(uptime, source)).await;
        };
        self.task = Some(fleet.tracker.spawn_on(work, &fleet.runtime));
    }
}

impl Uptime {
    /// Changes the server, unless this run of it is over.
    pub(crate) fn update<R>(&self, change: impl FnOnce(&mut Live) -> R) -> Option<R> {
        self.fleet.update(self.index, |live| (!self.token.is_cancelled()).then(|| change(live)))
    }

    /// A power change made by what runs on the server; this run ends with it.
    pub(crate) fn power(&self, kind: ResetType) {
        let outcome = self.update(|live| {
            let outcome = apply(&self.fleet, self.index, live, kind);
            live.state.counters.os_power_changes += u32::from(outcome.is_ok());
            outcome
        });
        if let Some(Err(refused)) = outcome {
            tracing::warn!(server = self.index, ?refused, "power change from inside refused");
        }
    }

    /// Resolves when this run is over.
    pub(crate) async fn over(&self) {
        self.token.cancelled().await;
    }
}
