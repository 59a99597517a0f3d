//! A control plane, hardware and as many conductors as the test wants.

use crate::control_plane::{ControlPlane, Served};
use crate::hardware::Script;
use crate::log::Log;
use ferric_bus::{Bus, BusConfig};
use ferric_conductor::{Conductor, ConductorConfig, ConductorStatus, Readings};
use ferric_model::clock::SystemClock;
use ferric_model::hardware::InterfaceKind;
use ferric_model::lifecycle::{Event, Provision, ProvisionState, Verb, advance};
use ferric_model::node::Node;
use ferric_model::secret::Secret;
use ferric_model::step::{Step, StepKind, StepOrigin};
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

/// Whatever takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Scene {
    pub log: Log,
    pub plane: Arc<ControlPlane>,
    pub script: Script,
    pub bus: Arc<dyn Bus>,
    served: Served,
}

/// A conductor that is killed when this is dropped.
pub struct Running {
    pub stop: CancellationToken,
    pub status: ConductorStatus,
    pub readings: Readings,
    run: AbortOnDropHandle<()>,
}

#[derive(Default)]
pub struct Offer {
    pub steps: Vec<(StepKind, Step)>,
    pub agent_steps: Vec<Step>,
    pub ramdisk: bool,
}

pub fn step(name: &str, priority: i64) -> Step {
    Step { requires_ramdisk: false, ..Step::new(InterfaceKind::Deploy, name, priority) }
}

pub fn agent_step(name: &str, priority: i64) -> Step {
    Step { origin: StepOrigin::Agent, requires_ramdisk: true, ..step(name, priority) }
}

impl Scene {
    pub async fn set(offer: Offer) -> Self {
        let bus = ferric_bus::connect(&BusConfig::default()).await.unwrap();
        let log = Log::default();
        let served = Served::start(log.clone(), Arc::clone(&bus)).await;
        let script = Script::new(log.clone(), offer.steps, offer.agent_steps, offer.ramdisk);
        Self { log, plane: Arc::clone(&served.plane), script, bus, served }
    }

    pub fn config(&self, host: &str) -> ConductorConfig {
        ConductorConfig {
            hostname: host.to_owned(),
            endpoints: vec![self.served.endpoint.clone()],
            token: Some(Secret::new("tell nobody".to_owned())),
            start_jitter_ms: 0,
            power_sync_jitter_ms: 0,
            sensor_jitter_ms: 0,
            ..ConductorConfig::default()
        }
    }

    pub fn start_with(&self, config: ConductorConfig) -> Running {
        let registry = Arc::new(self.script.registry());
        let conductor =
            Conductor::new(config, registry, Arc::clone(&self.bus), Arc::new(SystemClock)).unwrap();
        let (stop, status, readings) = (CancellationToken::new(), conductor.status(), conductor.readings());
        let run = AbortOnDropHandle::new(tokio::spawn(conductor.run(stop.clone())));
        Running { stop, status, readings, run }
    }

    pub fn start(&self, host: &str) -> Running {
        self.start_with(self.config(host))
    }

    /// A node that came into `state` by these events.
    pub fn node(&self, start: ProvisionState, path: &[(Event, Option<Verb>)]) -> Uuid {
        let mut node = Node::new(Uuid::new_v4(), "scripted", start, OffsetDateTime::UNIX_EPOCH);
        let begin = Provision::initial(start);
        node.provision = path.iter().fold(begin, |at, (event, verb)| advance(at, *event, *verb).unwrap());
        self.add(node)
    }

    pub fn add(&self, node: Node) -> Uuid {
        let uuid = node.uuid;
        self.plane.change(|state| state.nodes.insert(uuid, node));
        uuid
    }

    pub fn deploying(&self) -> Uuid {
        self.node(ProvisionState::Available, &[(Event::Deploy, Some(Verb::Active))])
    }

    pub fn cleaning(&self) -> Uuid {
        self.node(ProvisionState::Manageable, &[(Event::Provide, Some(Verb::Provide))])
    }

    pub fn state_of(&self, node: Uuid) -> &'static str {
        self.plane.node(node).state().as_str()
    }
}

impl Running {
    /// Stops it in good order.
    pub async fn stop(self) {
        self.stop.cancel();
        self.run.await.unwrap();
    }

    /// Kills it at once.
    pub async fn kill(self) {
        self.run.abort();
        assert!(self.run.await.unwrap_err().is_cancelled());
    }
}

/// Runs a scenario and gives up when it takes too long.
pub async fn within<T>(scenario: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, scenario).await.expect("the scenario ends in time")
}
