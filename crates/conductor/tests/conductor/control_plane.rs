//! A control plane in memory: it decides as the real one does, as far as a conductor can tell.

use crate::log::Log;
use ferric_bus::Bus;
use ferric_model::action::Action;
use ferric_model::lifecycle::advance;
use ferric_model::merge::merge;
use ferric_model::node::Node;
use ferric_model::report::{Failure, Observed, TaskOutcome, TaskReport};
use ferric_model::step::StepKind;
use ferric_model::task::TaskState;
use ferric_proto::v1::action_envelope::Work;
use ferric_proto::v1::claim_response::Answer;
use ferric_proto::v1::conductor_service_server::{ConductorService, ConductorServiceServer};
use ferric_proto::v1::*;
use ferric_proto::{ENVELOPE_VERSION, report_from_wire};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_util::task::AbortOnDropHandle;
use tonic::{Request, Response, Status};
use uuid::Uuid;

/// What goes wrong with the next calls, in turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The call does not get through.
    Lost,
    /// The call is carried out, its answer is lost.
    AnswerLost,
}

#[derive(Debug, Clone)]
pub struct FakeTask {
    pub node: Uuid,
    pub action: Action,
    pub params: Value,
    pub progress: Value,
    pub state: TaskState,
    pub epoch: i64,
    pub sequence: i64,
    pub taken_over: bool,
    pub errands: Value,
    pub has_children: bool,
    pub result: Option<Value>,
    pub failure: Option<Failure>,
    pub observed: Vec<Observed>,
}

#[derive(Debug, Default)]
pub struct State {
    pub nodes: BTreeMap<Uuid, Node>,
    pub tasks: BTreeMap<Uuid, FakeTask>,
    pub members: BTreeMap<String, JoinRequest>,
    pub trouble: BTreeMap<&'static str, VecDeque<Trouble>>,
    /// Joins that are put off before the next one is let in.
    pub turn_away: usize,
    /// Claims that are answered "later" before the next one is looked at.
    pub later: usize,
    /// Whether renewals say that no lease is held.
    pub leases_gone: bool,
    /// Renewals of members.
    pub renewals: usize,
    /// The nodes of each call that asked for some.
    pub asked_for: Vec<Vec<String>>,
    pub readings: Vec<PowerReading>,
    pub tokens: Vec<String>,
    /// Calls that wait to be taken, by their identity.
    pub driver_calls: BTreeMap<String, DriverCall>,
    pub ended_calls: BTreeMap<String, end_driver_call_request::Outcome>,
}

#[derive(Debug)]
pub struct ControlPlane {
    state: Mutex<State>,
    changed: watch::Sender<u64>,
    log: Log,
    bus: Arc<dyn Bus>,
}

/// A control plane that is served until this is dropped.
pub struct Served {
    pub plane: Arc<ControlPlane>,
    pub endpoint: String,
    _server: AbortOnDropHandle<()>,
}

impl Served {
    pub async fn start(log: Log, bus: Arc<dyn Bus>) -> Self {
        let plane =
            Arc::new(ControlPlane { state: Mutex::default(), changed: watch::Sender::new(0), log, bus });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let service = ConductorServiceServer::from_arc(Arc::clone(&plane));
        let server = tokio::spawn(async move {
            tonic::transport::Server::builder()
                .add_service(service)
                .serve_with_incoming(TcpListenerStream::new(listener))
                .await
                .unwrap();
        });
        Self { plane, endpoint, _server: AbortOnDropHandle::new(server) }
    }
}

impl ControlPlane {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.state());
        self.changed.send_modify(|version| *version += 1);
        result
    }

    /// Waits until something is so.
    pub async fn wait_until(&self, holds: impl Fn(&State) -> bool) {
        let mut changed = self.changed.subscribe();
        while !holds(&self.state()) {
            changed.changed().await.unwrap();
        }
    }

    /// Accepts a task and sends its envelope.
    pub async fn begin(&self, node: Uuid, action: Action, params: Value) -> Uuid {
        let id = Uuid::new_v4();
        let task = FakeTask {
            node,
            action,
            params,
            progress: Value::Null,
            state: TaskState::Queued,
            epoch: 0,
            sequence: 0,
            taken_over: false,
            errands: json!([]),
            has_children: false,
            result: None,
            failure: None,
            observed: Vec::new(),
        };
        self.change(|state| state.tasks.insert(id, task));
        self.send(id).await;
        id
    }

    /// Sends the envelope of a task.
    pub async fn send(&self, id: Uuid) {
        let task = self.task(id);
        let work = TaskWork {
            task_id: id.to_string(),
            node_uuid: task.node.to_string(),
            action: task.action.as_str().to_owned(),
        };
        self.publish(Work::Task(work)).await;
    }

    pub async fn publish(&self, work: Work) {
        let envelope =
            ActionEnvelope { version: ENVELOPE_VERSION, work: Some(work), traceparent: String::new() };
        self.bus.publish_action("", &envelope).await.unwrap();
    }

    /// The agent is heard of: the parked task is woken.
    pub async fn heartbeat(&self, id: Uuid) {
        self.wake(id, true).await;
    }

    /// The parked task is woken without a word of its agent, as when a conductor must look.
    pub async fn wake(&self, id: Uuid, agent: bool) {
        self.wait_until(|state| state.tasks[&id].state == TaskState::Parked).await;
        self.change(|state| {
            let task = state.tasks.get_mut(&id).unwrap();
            task.state = TaskState::Queued;
            if agent {
                let node = state.nodes.get_mut(&task.node).unwrap();
                node.status.driver_internal_info.insert("agent_url".into(), json!("http://agent"));
            }
        });
        self.send(id).await;
    }

    /// The lease of a task ran out: somebody else may take it.
    pub async fn lose_lease(&self, id: Uuid) {
        self.change(|state| {
            let task = state.tasks.get_mut(&id).unwrap();
            task.state = TaskState::Queued;
            task.taken_over = true;
        });
        self.send(id).await;
    }

    pub fn task(&self, id: Uuid) -> FakeTask {
        self.state().tasks[&id].clone()
    }

    pub fn node(&self, id: Uuid) -> Node {
        self.state().nodes[&id].clone()
    }

    /// Waits until a task ended, and gives it.
    pub async fn ended(&self, id: Uuid) -> FakeTask {
        self.wait_until(|state| state.tasks[&id].state.is_final()).await;
        self.task(id)
    }

    pub async fn parked(&self, id: Uuid) {
        self.wait_until(|state| state.tasks[&id].state == TaskState::Parked).await;
    }

    fn trouble(&self, call: &'static str) -> Option<Trouble> {
        self.change(|state| state.trouble.get_mut(call)?.pop_front())
    }

    /// Lets the call fail as planned, before or after it is carried out.
    fn answer<T>(&self, call: &'static str, work: impl FnOnce() -> T) -> Result<Response<T>, Status> {
        match self.trouble(call) {
            Some(Trouble::Lost) => Err(Status::unavailable("trouble")),
            Some(Trouble::AnswerLost) => {
                work();
                Err(Status::unavailable("trouble"))
            }
            None => Ok(Response::new(work())),
        }
    }

    fn decide_claim(&self, request: &ClaimRequest) -> Answer {
        let id: Uuid = request.task_id.parse().unwrap();
        self.change(|state| {
            if state.later > 0 {
                state.later -= 1;
                self.log.note("claim later");
                return Answer::Later("not now".to_owned());
            }
            let Some(task) = state.tasks.get_mut(&id).filter(|task| task.state == TaskState::Queued) else {
                self.log.note("claim refused");
                return Answer::Refused("not to be had".to_owned());
            };
            task.state = TaskState::Running;
            task.epoch += 1;
            task.sequence = 0;
            self.log.note(format!("claim {}", task.action.as_str()));
            let progress = if task.progress.is_null() { String::new() } else { task.progress.to_string() };
            Answer::Claim(Claim {
                epoch: task.epoch,
                lease_ms: 30_000,
                action: task.action.as_str().to_owned(),
                params_json: task.params.to_string(),
                progress_json: progress,
                node_json: serde_json::to_string(&state.nodes[&task.node]).unwrap(),
                ports_json: "[]".to_owned(),
                portgroups_json: String::new(),
                inventory_json: String::new(),
                boot_url: "http://boot".to_owned(),
                api_url: "http://api".to_owned(),
                taken_over: task.taken_over,
                errands_json: task.errands.to_string(),
                has_children: task.has_children,
            })
        })
    }

    fn decide_report(&self, report: &TaskReport) -> ReportResponse {
        self.change(|state| {
            let refused = ReportResponse { accepted: false, node_json: String::new() };
            let task = state.tasks.get_mut(&report.task_id).unwrap();
            let node = state.nodes.get_mut(&task.node).unwrap();
            if task.epoch != report.epoch {
                self.log.note("report too late");
                return refused;
            }
            if report.sequence <= task.sequence {
                self.log.note("report repeated");
                return ReportResponse { accepted: true, node_json: serde_json::to_string(node).unwrap() };
            }
            if task.state != TaskState::Running {
                self.log.note("report too late");
                return refused;
            }
            task.sequence = report.sequence;
            task.observed.push(report.observed.clone());
            if let Some(progress) = &report.progress {
                task.progress = progress.clone();
            }
            if let Some(event) = report.event {
                node.provision = advance(node.provision, event, None).expect("a legal event");
            }
            if let Some(power) = report.observed.power_state {
                node.power_state = Some(power);
            }
            merge(&mut node.status.driver_internal_info, &report.observed.driver_internal_info);
            show_step(node, report);
            match &report.outcome {
                TaskOutcome::Continues => {}
                TaskOutcome::Parked { .. } | TaskOutcome::Paused { .. } => task.state = TaskState::Parked,
                TaskOutcome::Succeeded { result } => {
                    task.state = TaskState::Succeeded;
                    task.result = result.clone();
                }
                TaskOutcome::Failed(failure) => {
                    task.state = TaskState::Failed;
                    task.failure = Some(failure.clone());
                }
            }
            self.log.note(describe(report));
            ReportResponse { accepted: true, node_json: serde_json::to_string(node).unwrap() }
        })
    }
}

fn show_step(node: &mut Node, report: &TaskReport) {
    let Some(shown) = &report.observed.step else { return };
    node.status.clean_step.clear();
    node.status.deploy_step.clear();
    match shown {
        Some((StepKind::Clean, step)) => node.status.clean_step = step.document(),
        Some((StepKind::Deploy, step)) => node.status.deploy_step = step.document(),
        _ => {}
    }
}

/// `report <outcome>[ <event>][ <stage> <step>]`
fn describe(report: &TaskReport) -> String {
    let outcome = match report.outcome {
        TaskOutcome::Continues => "continues",
        TaskOutcome::Parked { .. } => "parked",
        TaskOutcome::Paused { .. } => "paused",
        TaskOutcome::Succeeded { .. } => "succeeded",
        TaskOutcome::Failed(_) => "failed",
    };
    let mut text = format!("report {outcome}");
    if let Some(event) = report.event {
        text.push_str(&format!(" {}", event.as_str()));
    }
    let Some(progress) = &report.progress else { return text };
    let step = progress["cursor"].as_u64().and_then(|cursor| progress["steps"].get(cursor as usize));
    match (progress["stage"].as_str().unwrap(), step) {
        ("pending", _) => {}
        (stage, None) => text.push_str(&format!(": {stage}")),
        (stage, Some(step)) => text.push_str(&format!(": {stage} {}", step["step"].as_str().unwrap())),
    }
    text
}

#[tonic::async_trait]
impl ConductorService for ControlPlane {
    async fn join(&self, request: Request<JoinRequest>) -> Result<Response<JoinResponse>, Status> {
        let token = request.metadata().get("authorization").map(|value| value.to_str().unwrap().to_owned());
        let request = request.into_inner();
        let turned_away = self.change(|state| {
            let left = state.turn_away > 0;
            state.turn_away -= usize::from(left);
            left
        });
        if turned_away {
            assert!(request.can_wait);
            self.log.note("turned away");
            return Ok(Response::new(JoinResponse { wait_ms: 1, ..JoinResponse::default() }));
        }
        self.answer("join", || {
            self.change(|state| {
                state.tokens.extend(token);
                state.members.insert(request.hostname.clone(), request)
            });
            self.log.note("join");
            JoinResponse { lease_secs: 30, renew_secs: 1, wait_ms: 0 }
        })
    }

    async fn renew(&self, request: Request<RenewRequest>) -> Result<Response<RenewResponse>, Status> {
        let request = request.into_inner();
        self.answer("renew", || {
            self.change(|state| {
                let known = state.members.get(&request.hostname);
                let known = known.is_some_and(|member| member.incarnation == request.incarnation);
                state.renewals += usize::from(known);
                let held = request.leases.into_iter().map(|lease| lease.task_id);
                RenewResponse { held: held.filter(|_| known && !state.leases_gone).collect(), known }
            })
        })
    }

    async fn leave(&self, request: Request<LeaveRequest>) -> Result<Response<LeaveResponse>, Status> {
        self.change(|state| state.members.remove(&request.into_inner().hostname));
        self.log.note("leave");
        Ok(Response::new(LeaveResponse {}))
    }

    async fn claim(&self, request: Request<ClaimRequest>) -> Result<Response<ClaimResponse>, Status> {
        let request = request.into_inner();
        self.answer("claim", || ClaimResponse { answer: Some(self.decide_claim(&request)) })
    }

    async fn report(&self, request: Request<ReportRequest>) -> Result<Response<ReportResponse>, Status> {
        let report = report_from_wire(request.into_inner()).unwrap();
        self.answer("report", || self.decide_report(&report))
    }

    async fn take_driver_call(
        &self,
        request: Request<TakeDriverCallRequest>,
    ) -> Result<Response<TakeDriverCallResponse>, Status> {
        let id = request.into_inner().call_id;
        self.answer("take_driver_call", || TakeDriverCallResponse {
            call: self.change(|state| state.driver_calls.remove(&id)),
        })
    }

    async fn end_driver_call(
        &self,
        request: Request<EndDriverCallRequest>,
    ) -> Result<Response<EndDriverCallResponse>, Status> {
        let request = request.into_inner();
        self.answer("end_driver_call", || {
            self.change(|state| state.ended_calls.insert(request.call_id, request.outcome.unwrap()));
            EndDriverCallResponse {}
        })
    }

    async fn begin_boot(&self, _: Request<BeginBootRequest>) -> Result<Response<BeginBootResponse>, Status> {
        Ok(Response::new(BeginBootResponse { accepted: true, boot_url: "http://boot".to_owned() }))
    }

    async fn get_nodes(
        &self,
        request: Request<GetNodesRequest>,
    ) -> Result<Response<GetNodesResponse>, Status> {
        let uuids = request.into_inner().node_uuids;
        self.answer("get_nodes", || {
            self.change(|state| state.asked_for.push(uuids.clone()));
            let state = self.state();
            let found = uuids.iter().filter_map(|uuid| state.nodes.get(&uuid.parse().unwrap()));
            GetNodesResponse { nodes_json: found.map(|node| serde_json::to_string(node).unwrap()).collect() }
        })
    }

    async fn report_power(
        &self,
        request: Request<ReportPowerRequest>,
    ) -> Result<Response<ReportPowerResponse>, Status> {
        let readings = request.into_inner().readings;
        let changed = readings.len() as u32;
        self.answer("report_power", || {
            self.change(|state| state.readings.extend(readings));
            ReportPowerResponse { changed }
        })
    }
}
