//! A control plane over a database, with one conductor that the test plays.

use ferric_bus::BusConfig;
use ferric_control::{ClaimAnswer, Control, ControlSettings, Grant, ProvisionRequest, RequestContext, Store};
use ferric_db::{Conn, DbError, nodes, tasks};
use ferric_model::clock::ManualClock;
use ferric_model::conductor::{DriverOffer, DriverOffers};
use ferric_model::hardware::InterfaceKind;
use ferric_model::lifecycle::{Event, ProvisionState};
use ferric_model::node::Node;
use ferric_model::power::PowerState;
use ferric_model::report::{Observed, TaskOutcome, TaskReport};
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

const HOST: &str = "conductor-1";

/// A control plane.
pub struct Scene {
    pub control: Arc<Control>,
    pub clock: Arc<ManualClock>,
}

impl Scene {
    pub async fn new(store: Store) -> Self {
        Self::with(store, ControlSettings::default()).await
    }

    /// The same as an operator wants it.
    pub async fn with(store: Store, settings: ControlSettings) -> Self {
        let bus = ferric_bus::connect(&BusConfig::default()).await.unwrap();
        let start = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let clock = Arc::new(ManualClock::new(start));
        let settings = ControlSettings { lock_wait_secs: 0, ..settings };
        let control = Arc::new(Control::new(store, bus, clock.clone(), settings));
        let scene = Self { control, clock };
        scene.join().await;
        scene
    }

    /// The conductor is heard of.
    pub async fn join(&self) {
        self.join_in("", HOST).await;
    }

    /// A conductor of a group is heard of.
    pub async fn join_in(&self, group: &str, host: &str) {
        let interfaces =
            InterfaceKind::ALL.into_iter().map(|kind| (kind, ["fake".to_owned()].into())).collect();
        let offer = DriverOffer { interfaces, ..DriverOffer::default() };
        let offers = DriverOffers::from([("fake-hardware".to_owned(), offer)]);
        self.control.join(host, group, "one", offers).await.unwrap();
    }

    /// Another process over the same database.
    pub async fn second(&self) -> Arc<Control> {
        let bus = ferric_bus::connect(&BusConfig::default()).await.unwrap();
        let (store, settings) = (
            self.control.store().clone(),
            ControlSettings { lock_wait_secs: 0, ..ControlSettings::default() },
        );
        Arc::new(Control::new(store, bus, self.clock.clone(), settings))
    }

    pub fn context() -> RequestContext {
        RequestContext::system()
    }

    /// A node of the class `gold` that is free, as far as `shape` leaves it so.
    pub async fn node(&self, name: &str, shape: impl FnOnce(Node) -> Node) -> Node {
        self.node_in(ProvisionState::Available, name, shape).await
    }

    pub async fn node_in(&self, state: ProvisionState, name: &str, shape: impl FnOnce(Node) -> Node) -> Node {
        let node = shape(Node {
            name: Some(name.to_owned()),
            resource_class: Some("gold".to_owned()),
            power_state: Some(PowerState::Off),
            ..Node::new(Uuid::new_v4(), "fake-hardware", state, self.clock_now())
        });
        self.control
            .store()
            .write("node", async |conn: &mut Conn| nodes::insert(conn, &node).await)
            .await
            .map_err(|error: DbError| error)
            .unwrap()
    }

    fn clock_now(&self) -> OffsetDateTime {
        self.control.clock().now()
    }

    /// Lets time pass.
    pub fn wait(&self, seconds: i64) {
        self.clock.advance(Duration::seconds(seconds));
    }

    pub async fn provision(&self, node: &Node, request: &ProvisionRequest) {
        self.control.provision(&Self::context(), &node.uuid.to_string(), request).await.unwrap();
    }

    /// Claims the task of a node as its conductor.
    pub async fn claim(&self, node: &Node) -> (Uuid, Grant) {
        let uuid = node.uuid;
        let active: Result<_, DbError> =
            self.control.store().read(async |conn: &mut Conn| tasks::find_active(conn, uuid).await).await;
        let task = active.unwrap().remove(0);
        match self.control.claim(task.id, HOST, "one").await.unwrap() {
            ClaimAnswer::Granted(grant) => (task.id, *grant),
            other => panic!("{other:?}"),
        }
    }

    /// Waits until a task of the node has begun.
    pub async fn until_begun(&self, node: &Node) {
        let uuid = node.uuid;
        loop {
            let active: Result<_, DbError> =
                self.control.store().read(async |conn: &mut Conn| tasks::find_active(conn, uuid).await).await;
            if !active.unwrap().is_empty() {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Ends the task of a node, or lets it go on, with an event.
    pub async fn report(
        &self,
        task_id: Uuid,
        grant: &Grant,
        sequence: i64,
        outcome: TaskOutcome,
        event: Event,
    ) {
        self.send(task_id, grant, sequence, outcome, Some(event)).await;
    }

    /// Ends the task of a node without an event.
    pub async fn report_quietly(&self, task_id: Uuid, grant: &Grant, outcome: TaskOutcome) {
        self.send(task_id, grant, 1, outcome, None).await;
    }

    async fn send(
        &self,
        task_id: Uuid,
        grant: &Grant,
        sequence: i64,
        outcome: TaskOutcome,
        event: Option<Event>,
    ) {
        self.report_all(task_id, grant, sequence, outcome, event, Observed::default(), None).await;
    }

    /// A whole report.
    #[allow(clippy::too_many_arguments, reason = "it has so many parts")]
    pub async fn report_all(
        &self,
        task_id: Uuid,
        grant: &Grant,
        sequence: i64,
        outcome: TaskOutcome,
        event: Option<Event>,
        observed: Observed,
        progress: Option<serde_json::Value>,
    ) {
        let report = TaskReport { task_id, epoch: grant.epoch, sequence, outcome, event, observed, progress };
        self.control.report(HOST, &report).await.unwrap();
    }
}

/// The outcome of a task that ends well.
pub fn succeeded() -> TaskOutcome {
    TaskOutcome::Succeeded { result: None }
}
