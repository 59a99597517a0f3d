//! The walk of verbs, claims and reports, with the test playing the conductor.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod inspection;
mod relay;

use ferric_bus::BusConfig;
use ferric_control::{
    ClaimAnswer, Control, ControlError, ControlSettings, Grant, Heartbeat, ProvisionRequest, RequestContext,
};
use ferric_db::{Conn, DatabaseConfig, DbError, Store, history, nodes, outbox, tasks};
use ferric_model::action::Action;
use ferric_model::clock::ManualClock;
use ferric_model::conductor::{DriverOffer, DriverOffers};
use ferric_model::failure::code;
use ferric_model::hardware::InterfaceKind;
use ferric_model::history::Severity;
use ferric_model::lifecycle::{Event, ProvisionState as S, Verb};
use ferric_model::node::{Fault, Node};
use ferric_model::page::Page;
use ferric_model::power::{PowerState, PowerTarget};
use ferric_model::report::{Failure, Observed, TaskOutcome, TaskReport};
use ferric_model::task::{Task, TaskState};
use serde_json::json;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

struct Fixture {
    control: Control,
    clock: Arc<ManualClock>,
    node: Uuid,
    _folder: tempfile::TempDir,
}

const HOST: &str = "conductor-1";

impl Fixture {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("ferric.db").display());
        let store = Store::connect(&DatabaseConfig { url, ..DatabaseConfig::default() }).await.unwrap();
        store.migrate().await.unwrap();
        let bus = ferric_bus::connect(&BusConfig::default()).await.unwrap();
        let start = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let clock = Arc::new(ManualClock::new(start));
        let control = Control::new(
            store,
            bus,
            clock.clone(),
            ControlSettings { lock_wait_secs: 0, ..ControlSettings::default() },
        );
        let offers = DriverOffers::from([("redfish".to_owned(), DriverOffer::default())]);
        control.join(HOST, "", "one", offers).await.unwrap();
        let mut node = Node::new(Uuid::new_v4(), "redfish", S::Enroll, start);
        node.spec.interfaces.insert(InterfaceKind::Boot, "redfish-virtual-media".to_owned());
        let node = control
            .store()
            .write("node", async |conn: &mut Conn| nodes::insert(conn, &node).await)
            .await
            .map_err(|error: DbError| error)
            .unwrap();
        Self { control, clock, node: node.uuid, _folder: folder }
    }

    fn ident(&self) -> String {
        self.node.to_string()
    }

    async fn node(&self) -> Node {
        self.control.get_node(&self.ident()).await.unwrap()
    }

    async fn verb(&self, verb: Verb) -> Result<(), ControlError> {
        self.request(&ProvisionRequest::of(verb)).await
    }

    async fn request(&self, request: &ProvisionRequest) -> Result<(), ControlError> {
        self.control.provision(&RequestContext::system(), &self.ident(), request).await
    }

    async fn active(&self) -> Vec<Task> {
        let node = self.node;
        let found: Result<_, DbError> =
            self.control.store().read(async |conn: &mut Conn| tasks::find_active(conn, node).await).await;
        found.unwrap()
    }

    async fn the_task(&self) -> Task {
        let mut active = self.active().await;
        assert_eq!(active.len(), 1);
        active.remove(0)
    }

    async fn claim(&self) -> (Uuid, Grant) {
        let task = self.the_task().await;
        match self.control.claim(task.id, HOST, "one").await.unwrap() {
            ClaimAnswer::Granted(grant) => (task.id, *grant),
            other => panic!("{other:?}"),
        }
    }

    async fn report(&self, report: &TaskReport) -> bool {
        self.control.report(HOST, report).await.unwrap().is_some()
    }

    /// Puts the node into the state that these verbs and answers lead to.
    async fn drive(&self, verb: Verb, event: Event) {
        self.verb(verb).await.unwrap();
        let (task, grant) = self.claim().await;
        assert!(self.report(&report(task, grant.epoch, 1, succeeded(), Some(event))).await);
    }

    async fn history(&self) -> Vec<(Severity, String)> {
        let node = self.node;
        let found: Result<_, DbError> = self
            .control
            .store()
            .read(async |conn: &mut Conn| {
                history::list(conn, &node.into(), &Page::default()).await.map(|page| page.0)
            })
            .await;
        found.unwrap().into_iter().map(|entry| (entry.severity, entry.event)).collect()
    }

    async fn outbox(&self) -> i64 {
        let count: Result<_, DbError> =
            self.control.store().read(async |conn: &mut Conn| outbox::count(conn).await).await;
        count.unwrap()
    }
}

fn report(
    task_id: Uuid,
    epoch: i64,
    sequence: i64,
    outcome: TaskOutcome,
    event: Option<Event>,
) -> TaskReport {
    TaskReport { task_id, epoch, sequence, outcome, event, observed: Observed::default(), progress: None }
}

fn succeeded() -> TaskOutcome {
    TaskOutcome::Succeeded { result: None }
}

fn failed(step: Option<&str>) -> TaskOutcome {
    let summary = "nobody answers at https://bmc";
    let failure = Failure::new(code::REDFISH_UNREACHABLE, "verification", summary);
    TaskOutcome::Failed(failure.advised("check the cable").in_step(step.map(str::to_owned)))
}

#[tokio::test]
async fn a_verb_becomes_a_task_a_claim_holds_the_node_and_a_report_frees_it() {
    let f = Fixture::new().await;
    f.verb(Verb::Manage).await.unwrap();
    let node = f.node().await;
    assert_eq!((node.state(), node.provision.target()), (S::Verifying, Some(S::Manageable)));
    assert_eq!(node.reservation.as_deref(), Some(HOST));
    assert_eq!(f.outbox().await, 1);
    assert!(matches!(f.verb(Verb::Manage).await, Err(ControlError::NodeLocked { .. })));

    let (task, grant) = f.claim().await;
    assert_eq!((grant.action, grant.epoch, grant.taken_over), (Action::Verify, 1, false));
    let again = f.control.claim(task, HOST, "one").await.unwrap();
    assert!(matches!(again, ClaimAnswer::Refused(_)), "{again:?}");

    let mut done = report(task, 1, 1, succeeded(), Some(Event::Done));
    done.observed.power_state = Some(PowerState::Off);
    assert!(f.report(&done).await);
    let node = f.node().await;
    assert_eq!((node.state(), node.provision.target()), (S::Manageable, None));
    assert_eq!((node.reservation, node.power_state), (None, Some(PowerState::Off)));
    assert!(f.active().await.is_empty());
    assert_eq!(f.history().await.len(), 1);
}

#[tokio::test]
async fn a_failure_leads_where_the_table_says_and_history_explains_it() {
    let f = Fixture::new().await;
    f.verb(Verb::Manage).await.unwrap();
    let (task, grant) = f.claim().await;
    assert!(f.report(&report(task, grant.epoch, 1, failed(None), None)).await);
    let node = f.node().await;
    assert_eq!((node.state(), node.reservation.as_deref()), (S::Enroll, None));
    let last_error = node.status.last_error.unwrap();
    assert!(last_error.contains("conductor-1") && last_error.contains("check the cable"), "{last_error}");
    assert_eq!(f.history().await, [(Severity::Error, last_error)]);
}

#[tokio::test]
async fn only_the_holder_of_the_lease_is_heard_and_only_once() {
    let f = Fixture::new().await;
    f.verb(Verb::Manage).await.unwrap();
    let (task, grant) = f.claim().await;
    let goes_on = report(task, grant.epoch, 1, TaskOutcome::Continues, None);
    assert!(f.report(&goes_on).await);
    let generation = f.node().await.generation;
    assert!(f.report(&goes_on).await, "the same report is acknowledged again");
    assert_eq!(f.node().await.generation, generation, "and changes nothing");
    assert!(!f.report(&report(task, grant.epoch + 1, 1, succeeded(), Some(Event::Done))).await);
    assert!(
        f.control
            .report("conductor-2", &report(task, grant.epoch, 2, succeeded(), None))
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(f.node().await.state(), S::Verifying);
}

#[tokio::test]
async fn a_lost_lease_is_taken_over_and_the_late_conductor_is_ignored() {
    let f = Fixture::new().await;
    f.verb(Verb::Manage).await.unwrap();
    let (task, first) = f.claim().await;
    f.clock.advance(Duration::seconds(20));
    assert_eq!(f.control.renew(HOST, "one", &[(task, first.epoch)]).await.unwrap(), Some(vec![task]));
    f.clock.advance(Duration::seconds(20));
    f.control.sweep_once().await;
    assert_eq!(f.the_task().await.state, TaskState::Running, "a renewed lease lives on");
    f.clock.advance(Duration::seconds(20));
    f.control.sweep_once().await;
    assert_eq!(f.the_task().await.state, TaskState::Queued);
    assert_eq!(f.control.renew(HOST, "one", &[(task, first.epoch)]).await.unwrap(), Some(vec![]));
    let (_, second) = f.claim().await;
    assert!(second.taken_over && second.epoch > first.epoch);
    assert!(!f.report(&report(task, first.epoch, 1, failed(None), None)).await);
    assert!(f.report(&report(task, second.epoch, 1, succeeded(), Some(Event::Done))).await);
    assert_eq!(f.node().await.state(), S::Manageable);
}

#[tokio::test]
async fn a_task_that_loses_every_conductor_is_given_up_with_history() {
    let f = Fixture::new().await;
    f.verb(Verb::Manage).await.unwrap();
    for _ in 0..=f.control.settings().max_lost_leases {
        f.claim().await;
        f.clock.advance(Duration::seconds(31));
        f.control.renew(HOST, "one", &[]).await.unwrap();
        f.control.sweep_once().await;
    }
    assert!(f.active().await.is_empty());
    let node = f.node().await;
    assert_eq!((node.state(), node.reservation.as_deref()), (S::Enroll, None));
    assert!(node.status.last_error.unwrap().contains("conductors-lost"));
}

#[tokio::test]
async fn a_conductor_cleans_up_after_a_deployment_that_was_given_up() {
    let f = Fixture::new().await;
    f.drive(Verb::Manage, Event::Done).await;
    f.drive(Verb::Provide, Event::Done).await;
    f.verb(Verb::Active).await.unwrap();
    for _ in 0..=f.control.settings().max_lost_leases {
        f.claim().await;
        f.clock.advance(Duration::seconds(31));
        f.control.renew(HOST, "one", &[]).await.unwrap();
        f.control.sweep_once().await;
    }
    let node = f.node().await;
    assert_eq!(node.state(), S::DeployFailed);
    assert!(node.status.last_error.unwrap().contains("conductors-lost"));
    assert_eq!(f.the_task().await.action, Action::Abort);
}

async fn waiting_deploy(f: &Fixture) -> Uuid {
    f.drive(Verb::Manage, Event::Done).await;
    f.drive(Verb::Provide, Event::Done).await;
    f.verb(Verb::Active).await.unwrap();
    let (task, grant) = f.claim().await;
    assert!(grant.boot_url.is_some());
    let parked = TaskOutcome::Parked { timeout_secs: 60 };
    assert!(f.report(&report(task, grant.epoch, 1, parked, Some(Event::Wait))).await);
    assert_eq!(f.node().await.state(), S::WaitCallBack);
    task
}

async fn heartbeat(f: &Fixture, token: &str) -> Result<(), ControlError> {
    let beat = Heartbeat {
        callback_url: "http://ramdisk:9999".to_owned(),
        agent_version: Some("11".to_owned()),
        agent_token: Some(token.to_owned()),
        ..Heartbeat::default()
    };
    f.control.heartbeat(&f.ident(), &beat).await
}

async fn token(f: &Fixture) -> String {
    f.node().await.status.driver_internal_info["agent_secret_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_heartbeat_with_the_right_token_wakes_the_waiting_task() {
    let f = Fixture::new().await;
    waiting_deploy(&f).await;
    assert_eq!(f.the_task().await.state, TaskState::Parked);
    assert_eq!(f.node().await.reservation, None);
    for wrong in ["", "guess"] {
        assert!(matches!(heartbeat(&f, wrong).await, Err(ControlError::Invalid(_))), "{wrong}");
    }
    heartbeat(&f, &token(&f).await).await.unwrap();
    assert_eq!(f.the_task().await.state, TaskState::Queued);
    let node = f.node().await;
    assert_eq!(node.state(), S::WaitCallBack, "a heartbeat alone changes no state");
    assert_eq!(node.status.driver_internal_info["agent_url"], "http://ramdisk:9999");
}

#[tokio::test]
async fn a_heartbeat_during_the_work_wakes_the_task_as_soon_as_it_parks() {
    let f = Fixture::new().await;
    let task = waiting_deploy(&f).await;
    let token = token(&f).await;
    heartbeat(&f, &token).await.unwrap();
    let (_, grant) = f.claim().await;
    heartbeat(&f, &token).await.unwrap();
    let parked = TaskOutcome::Parked { timeout_secs: 60 };
    assert!(f.report(&report(task, grant.epoch, 1, parked.clone(), None)).await);
    assert_eq!(f.the_task().await.state, TaskState::Queued, "the missed heartbeat is made up for");
    let (_, grant) = f.claim().await;
    assert!(f.report(&report(task, grant.epoch, 1, parked, None)).await);
    assert_eq!(f.the_task().await.state, TaskState::Parked, "but only once");
}

#[tokio::test]
async fn a_heartbeat_during_the_work_does_not_end_a_hold() {
    let f = Fixture::new().await;
    let task = waiting_deploy(&f).await;
    let token = token(&f).await;
    heartbeat(&f, &token).await.unwrap();
    let (_, grant) = f.claim().await;
    heartbeat(&f, &token).await.unwrap();
    let held = TaskOutcome::Parked { timeout_secs: 0 };
    assert!(f.report(&report(task, grant.epoch, 1, held, Some(Event::Hold))).await);
    let node = f.node().await;
    assert_eq!((node.state(), node.reservation), (S::DeployHold, None));
    assert_eq!(f.the_task().await.state, TaskState::Parked, "only somebody's permission lets it go on");
    heartbeat(&f, &token).await.unwrap();
    assert_eq!(f.the_task().await.state, TaskState::Parked);
    f.verb(Verb::Unhold).await.unwrap();
    assert_eq!(f.the_task().await.state, TaskState::Queued);
}

#[tokio::test]
async fn what_is_held_by_nothing_cannot_go_on() {
    let f = Fixture::new().await;
    let task = waiting_deploy(&f).await;
    heartbeat(&f, &token(&f).await).await.unwrap();
    let (_, grant) = f.claim().await;
    assert!(f.report(&report(task, grant.epoch, 1, TaskOutcome::Continues, Some(Event::Hold))).await);
    assert!(f.report(&report(task, grant.epoch, 2, failed(None), None)).await);
    assert!(matches!(f.verb(Verb::Unhold).await, Err(ControlError::Invalid(_))));
    assert_eq!(f.node().await.reservation, None, "nothing is locked for good");
    f.verb(Verb::Abort).await.unwrap();
    assert_eq!(f.node().await.state(), S::DeployFailed);
}

#[tokio::test]
async fn silence_fails_the_deployment_and_a_conductor_cleans_up() {
    let f = Fixture::new().await;
    waiting_deploy(&f).await;
    f.clock.advance(Duration::seconds(59));
    f.control.renew(HOST, "one", &[]).await.unwrap();
    f.control.sweep_once().await;
    assert_eq!(f.node().await.state(), S::WaitCallBack);
    f.clock.advance(Duration::seconds(2));
    f.control.sweep_once().await;
    let node = f.node().await;
    assert_eq!((node.state(), node.provision.target()), (S::DeployFailed, Some(S::Active)));
    let last_error = node.status.last_error;
    assert!(last_error.as_ref().unwrap().contains("never heard of"));
    let (task, grant) = f.claim().await;
    assert_eq!(grant.action, Action::Abort);
    assert!(f.report(&report(task, grant.epoch, 1, succeeded(), None)).await);
    assert_eq!(f.node().await.status.last_error, last_error, "cleaning up does not undo the failure");
}

#[tokio::test]
async fn deleting_gives_the_waiting_deployment_up_and_forgets_the_instance() {
    let f = Fixture::new().await;
    f.control
        .change_node(&f.ident(), |node| {
            node.spec.instance_info.insert("image_source".into(), json!("http://images/a"));
            node.instance_uuid = Some(Uuid::from_u128(7));
            Ok(())
        })
        .await
        .unwrap();
    let deploy = waiting_deploy(&f).await;
    f.verb(Verb::Deleted).await.unwrap();
    let (task, grant) = f.claim().await;
    assert_ne!(task, deploy);
    assert!(f.report(&report(task, grant.epoch, 1, TaskOutcome::Continues, Some(Event::Clean))).await);
    let node = f.node().await;
    assert_eq!((node.state(), node.provision.target()), (S::Cleaning, Some(S::Available)));
    assert!(node.spec.instance_info.is_empty() && node.instance_uuid.is_none());
    assert!(f.report(&report(task, grant.epoch, 2, succeeded(), Some(Event::Done))).await);
    assert_eq!(f.node().await.state(), S::Available);
}

#[tokio::test]
async fn a_failed_clean_step_puts_the_node_into_maintenance() {
    let f = Fixture::new().await;
    f.drive(Verb::Manage, Event::Done).await;
    f.verb(Verb::Provide).await.unwrap();
    let (task, grant) = f.claim().await;
    assert!(f.report(&report(task, grant.epoch, 1, failed(Some("deploy.erase_devices")), None)).await);
    let node = f.node().await;
    assert_eq!((node.state(), node.maintenance, node.fault), (S::CleanFailed, true, Some(Fault::Clean)));
}

#[tokio::test]
async fn aborting_a_wait_fails_the_flow_with_words_that_clients_look_for() {
    let f = Fixture::new().await;
    waiting_deploy(&f).await;
    f.verb(Verb::Abort).await.unwrap();
    let node = f.node().await;
    assert_eq!(node.state(), S::DeployFailed);
    assert!(node.status.last_error.unwrap().contains("aborted"));
    assert_eq!(f.the_task().await.action, Action::Abort);
}

#[tokio::test]
async fn an_illegal_verb_is_refused_and_changes_nothing() {
    let f = Fixture::new().await;
    let before = f.node().await;
    for verb in [Verb::Active, Verb::Deleted, Verb::Provide, Verb::Abort] {
        assert!(matches!(f.verb(verb).await, Err(ControlError::InvalidStateRequested(_))), "{verb:?}");
    }
    assert_eq!(f.node().await, before);
    assert_eq!(f.outbox().await, 0);
}

#[tokio::test]
async fn nothing_is_accepted_without_a_living_conductor() {
    let f = Fixture::new().await;
    f.clock.advance(Duration::minutes(2));
    assert!(matches!(f.verb(Verb::Manage).await, Err(ControlError::NoConductor(_))));
    assert_eq!(f.node().await.state(), S::Enroll);
}

#[tokio::test]
async fn a_power_change_shows_its_target_and_ends_with_what_was_seen() {
    let f = Fixture::new().await;
    let context = RequestContext::system();
    f.control.set_power(&context, &f.ident(), PowerTarget::On, None).await.unwrap();
    assert_eq!(f.node().await.target_power_state, Some(PowerState::On));
    let (task, grant) = f.claim().await;
    let mut done = report(task, grant.epoch, 1, succeeded(), None);
    done.observed.power_state = Some(PowerState::On);
    assert!(f.report(&done).await);
    let node = f.node().await;
    assert_eq!(
        (node.target_power_state, node.power_state, node.state()),
        (None, Some(PowerState::On), S::Enroll)
    );
}
