//! The control plane of one process: what all use cases share.

use crate::admission::JoinGate;
use crate::commit::{Commits, commits};
use crate::error::ControlError;
use crate::outbox::Bell;
use crate::policy::{Policy, PolicyError};
use crate::request_reads;
use crate::settings::ControlSettings;
use crate::share::Share;
use crate::task_read::{SmallReads, node_ident};
use crate::watch::{Feed, Hub};
use ferric_bus::Bus;
use ferric_db::{Conn, Store, conductors};
use ferric_model::clock::SharedClock;
use ferric_model::conductor::{Conductor, DriverOffer};
use ferric_model::node::Node;
use ferric_model::outbox::OutboxMessage;
use ferric_model::page::Page;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use tokio::sync::Mutex;
use uuid::Uuid;

/// The control plane. Cheap to share, holds no state that another process would miss.
pub struct Control {
    store: Store,
    bus: Arc<dyn Bus>,
    clock: SharedClock,
    settings: ControlSettings,
    policy: Policy,
    hub: Hub,
    outbox_bell: Bell<OutboxMessage>,
    ended_bell: Bell<Uuid>,
    allocation_bell: Bell,
    bulk_bell: Bell<Uuid>,
    feed: Feed,
    join_gate: JoinGate,
    share: Share,
    commits: Commits,
    reads: SmallReads,
    conductors: Mutex<Option<(OffsetDateTime, Arc<Vec<Conductor>>)>>,
}

/// How long the list of conductors may be out of date.
const CONDUCTORS_TTL: Duration = Duration::seconds(3);

impl Control {
    /// Puts the parts together.
    pub fn new(store: Store, bus: Arc<dyn Bus>, clock: SharedClock, settings: ControlSettings) -> Self {
        Self {
            store,
            bus,
            clock,
            policy: Policy::new(&settings),
            feed: Feed::default(),
            join_gate: JoinGate::new(settings.max_joins),
            share: Share::default(),
            commits: commits(),
            reads: SmallReads::default(),
            settings,
            hub: Hub::default(),
            outbox_bell: Bell::default(),
            ended_bell: Bell::default(),
            allocation_bell: Bell::default(),
            bulk_bell: Bell::default(),
            conductors: Mutex::new(None),
        }
    }

    /// Reads the operator's policy file, if the settings name one.
    ///
    /// **Errors**: what is wrong with it. Once it has been read, a file that becomes unusable changes nothing.
    pub fn load_policy(&self) -> Result<(), PolicyError> {
        self.policy.load()
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The bus.
    pub fn bus(&self) -> &Arc<dyn Bus> {
        &self.bus
    }

    /// The clock.
    pub fn clock(&self) -> &SharedClock {
        &self.clock
    }

    /// What the operator decided.
    pub fn settings(&self) -> &ControlSettings {
        &self.settings
    }

    /// Who may do what.
    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Those who wait for tasks to end.
    pub(crate) fn hub(&self) -> &Hub {
        &self.hub
    }

    /// The changes of nodes on their way to those who watch.
    pub(crate) fn feed(&self) -> &Feed {
        &self.feed
    }

    /// Rung when a transaction of this process has left messages in the outbox.
    pub(crate) fn outbox_bell(&self) -> &Bell<OutboxMessage> {
        &self.outbox_bell
    }

    /// Rung when this process has written the ends of tasks that other processes are told of in passing.
    pub(crate) fn ended_bell(&self) -> &Bell<Uuid> {
        &self.ended_bell
    }

    /// Changes on their way to the database.
    pub(crate) fn commits(&self) -> &Commits {
        &self.commits
    }

    /// What is read for several callers together.
    pub(crate) fn reads(&self) -> &SmallReads {
        &self.reads
    }

    /// Rung when this process has created allocations that look for a node.
    pub(crate) fn allocation_bell(&self) -> &Bell {
        &self.allocation_bell
    }

    /// Rung when operations may be able to go on.
    pub(crate) fn bulk_bell(&self) -> &Bell<Uuid> {
        &self.bulk_bell
    }

    /// The door for conductors that join.
    pub(crate) fn join_gate(&self) -> &JoinGate {
        &self.join_gate
    }

    /// What this process knows of its share in the connections.
    pub(crate) fn share(&self) -> &Share {
        &self.share
    }

    /// The present moment.
    pub(crate) fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// The conductors that live, at most a few seconds out of date.
    pub async fn live_conductors(&self) -> Result<Arc<Vec<Conductor>>, ControlError> {
        let now = self.now();
        let mut cached = self.conductors.lock().await;
        if let Some((read_at, list)) = cached.as_ref()
            && now - *read_at < CONDUCTORS_TTL
            && !list.is_empty()
        {
            return Ok(Arc::clone(list));
        }
        let timeout = Duration::seconds(i64::from(self.settings.conductor_timeout_secs));
        let mut list: Vec<Conductor> = self
            .store
            .read(async |conn: &mut Conn| conductors::list(conn, &Page::default()).await)
            .await
            .map_err(ControlError::Database)?;
        list.retain(|conductor| conductor.is_alive(now, timeout));
        let list = Arc::new(list);
        *cached = Some((now, Arc::clone(&list)));
        Ok(list)
    }

    /// Forgets the cached list of conductors: one of them has just joined or left.
    pub(crate) async fn forget_conductors(&self) {
        *self.conductors.lock().await = None;
    }

    /// What living conductors of `group` offer for `driver`; none when no such conductor lives.
    pub async fn offer_for(&self, driver: &str, group: &str) -> Result<Option<DriverOffer>, ControlError> {
        let conductors = self.live_conductors().await?;
        Ok(conductors
            .iter()
            .filter(|conductor| conductor.conductor_group == group)
            .find_map(|conductor| conductor.drivers.get(driver).cloned()))
    }

    /// The conductor that stands for `node` until one has claimed its task: the same in every process.
    pub async fn conductor_of(&self, node: &Node) -> Result<Option<String>, ControlError> {
        Ok(pick_conductor(&self.live_conductors().await?, node))
    }

    /// Reads a node by UUID or name; once for each request, see [`in_request`](crate::in_request).
    ///
    /// **Errors**: `NotFound`.
    pub async fn get_node(&self, ident: &str) -> Result<Node, ControlError> {
        let wanted = node_ident(ident);
        if let Some(node) = request_reads::recall(&wanted) {
            return Ok(node);
        }
        let read = self.read_node(&wanted).await?.ok_or_else(|| ControlError::node_not_found(ident))?;
        request_reads::remember(&read);
        Ok(read.node)
    }
}

impl std::fmt::Debug for Control {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Control").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// The conductor that stands for `node` among `conductors`.
pub fn pick_conductor(conductors: &[Conductor], node: &Node) -> Option<String> {
    pick_host(conductors, node.uuid, &node.driver, &node.conductor_group).map(str::to_owned)
}

/// The same for a node of which only this is known.
pub fn pick_host<'a>(
    conductors: &'a [Conductor],
    node_uuid: Uuid,
    driver: &str,
    conductor_group: &str,
) -> Option<&'a str> {
    conductors
        .iter()
        .filter(|c| c.conductor_group == conductor_group && c.drivers.contains_key(driver))
        .max_by_key(|c| rendezvous(&c.hostname, node_uuid))
        .map(|c| c.hostname.as_str())
}

/// Weight of a host for a node: the highest wins, and few nodes move when hosts come and go.
fn rendezvous(hostname: &str, node: Uuid) -> u64 {
    use sha2::{Digest, Sha256};
    let digest = Sha256::new().chain_update(hostname).chain_update(node.as_bytes()).finalize();
    digest.iter().take(8).fold(0, |weight, byte| (weight << 8) | u64::from(*byte))
}
