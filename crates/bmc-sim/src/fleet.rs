//! All servers of one simulator and what they share.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock;
use crate::config::SimulatorConfig;
use crate::fault::FaultBoard;
use crate::hold::Holds;
use crate::identity::Identity;
use crate::model::{HardwareModel, MODELS};
use crate::power::Activity;
use crate::session::Sessions;
use crate::state::ServerState;
use crate::subscription::Subscriptions;
use crate::task::Tasks;

/// The simulator's insides, shared by the web server, the power transitions and the agents.
pub(crate) struct Fleet {
    pub config: SimulatorConfig,
    pub base_url: String,
    pub servers: Vec<Server>,
    pub faults: FaultBoard,
    pub sessions: Sessions,
    pub tasks: Tasks,
    pub subscriptions: Subscriptions,
    pub http: reqwest::Client,
    /// Everything that runs in the background is spawned here and ends with `shutdown`.
    pub tracker: TaskTracker,
    pub shutdown: CancellationToken,
    pub runtime: Handle,
    indexes: HashMap<String, usize>,
}

/// One simulated server.
pub(crate) struct Server {
    pub identity: Identity,
    pub model: &'static HardwareModel,
    /// Requests that are kept until they are let go on.
    pub holds: Holds,
    live: Mutex<Live>,
    changes: watch::Sender<u64>,
    random: Mutex<StdRng>,
}

/// The changing part of a server, always seen as a whole.
pub(crate) struct Live {
    pub state: ServerState,
    pub activity: Activity,
}

impl Fleet {
    pub(crate) fn new(
        config: SimulatorConfig,
        base_url: String,
        http: reqwest::Client,
        runtime: Handle,
    ) -> Arc<Self> {
        let started_at = clock::now();
        let shutdown = CancellationToken::new();
        let servers: Vec<Server> = (0..config.servers)
            .map(|index| {
                let model = MODELS[index % MODELS.len()];
                Server {
                    identity: Identity::of(index),
                    model,
                    holds: Holds::default(),
                    changes: watch::Sender::new(0),
                    live: Mutex::new(Live {
                        state: ServerState::new(model, &started_at),
                        activity: Activity::default(),
                    }),
                    random: Mutex::new(StdRng::seed_from_u64(config.seed ^ (index as u64).rotate_left(32))),
                }
            })
            .collect();
        let indexes = servers
            .iter()
            .flat_map(|server| {
                let identity = &server.identity;
                [identity.uuid.to_string(), identity.manager_id.clone(), identity.chassis_id.clone()]
                    .map(|id| (id, identity.index))
            })
            .collect();
        let sessions = Sessions::new(config.session_timeout);
        Arc::new(Self {
            config,
            base_url,
            servers,
            faults: FaultBoard::default(),
            sessions,
            tasks: Tasks::default(),
            subscriptions: Subscriptions::default(),
            http,
            tracker: TaskTracker::new(),
            shutdown,
            runtime,
            indexes,
        })
    }

    /// The server a system, manager or chassis id belongs to.
    pub(crate) fn find_index(&self, id: &str) -> Option<usize> {
        self.indexes.get(id).copied()
    }

    pub(crate) fn read<R>(&self, index: usize, look: impl FnOnce(&Live) -> R) -> R {
        look(&self.servers[index].lock())
    }

    /// Changes a server and wakes whoever waits for changes.
    pub(crate) fn update<R>(&self, index: usize, change: impl FnOnce(&mut Live) -> R) -> R {
        let result = change(&mut self.servers[index].lock());
        self.tell_change(index);
        result
    }

    /// Wakes whoever waits for changes of a server.
    pub(crate) fn tell_change(&self, index: usize) {
        self.servers[index].changes.send_modify(|number| *number += 1);
    }

    pub(crate) fn watch_changes(&self, index: usize) -> watch::Receiver<u64> {
        self.servers[index].changes.subscribe()
    }

    /// How long the next leg of a power change takes.
    pub(crate) fn power_delay(&self, index: usize) -> Duration {
        let range = self.config.power_delay_ms.clone();
        Duration::from_millis(self.servers[index].random().random_range(range))
    }

    /// `base` times a random factor.
    pub(crate) fn jittered(&self, index: usize, base: Duration, factors: Range<f64>) -> Duration {
        base.mul_f64(self.servers[index].random().random_range(factors))
    }
}

impl Server {
    fn lock(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn random(&self) -> MutexGuard<'_, StdRng> {
        self.random.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
