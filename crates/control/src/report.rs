//! Applying the reports of conductors.

use crate::agent::DRIVING;
use crate::begin::{begin_clean_up, forget_ramdisk};
use crate::commit::Change;
use crate::control::Control;
use crate::error::ControlError;
use crate::history::{entry, failure_entry};
use crate::inspection::{Background, work_on};
use crate::inspection_rules::make_calls;
use crate::installer::log_entry;
use crate::nodes::takes_vifs;
use crate::observe::{clear_steps, missing_ports, observe};
use crate::provision::abort;
use crate::provision::rescue_password::HASHED_RESCUE_PASSWORD;
use crate::task_read::{ports_of, ports_with};
use crate::trouble::trouble_of;
use crate::vmedia_outcomes::outcome_of;
use ferric_db::{Conn, DbError, inspection_rules, troubles};
use ferric_model::JsonMap;
use ferric_model::action::Action;
use ferric_model::conductor::Conductor;
use ferric_model::failure::{Trouble, code};
use ferric_model::history::{HistoryEntry, Severity};
use ferric_model::inspection_rule::MAIN_PHASE;
use ferric_model::lifecycle::{Event, ProvisionState, advance, is_legal};
use ferric_model::node::{Fault, Node, keeps_ramdisk};
use ferric_model::port::normalize_mac;
use ferric_model::report::{Failure, TaskOutcome, TaskReport};
use ferric_model::task::params;
use ferric_model::task::{Fence, ReportVerdict, Task, TaskState};
use futures::FutureExt;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use tokio::sync::OnceCell;

/// Codes of failures that only say that the request itself was wrong.
pub(crate) const BAD_REQUEST_CODES: [&str; 6] = [
    code::INVALID_PARAMETER,
    code::UNSUPPORTED,
    code::NETWORK_NOT_NAMED,
    code::VIF_NO_FREE_PORT,
    code::VIF_NOT_ATTACHED,
    code::VIF_UNKNOWN,
];

/// Codes of failures that only say that the node's present state does not allow what was asked.
pub(crate) const CONFLICT_CODES: [&str; 2] = [code::VIF_ALREADY_ATTACHED, code::VIF_UNUSABLE];

/// The answer to a report: none when the claim is not the conductor's any more, else the node as it is now.
pub type ReportAnswer = Option<Box<Node>>;

impl Control {
    /// Applies a report, once: an older one is answered and ignored (I-6).
    pub async fn report(&self, hostname: &str, report: &TaskReport) -> Result<ReportAnswer, ControlError> {
        // A lost race must not call anybody again.
        let called = OnceCell::new();
        loop {
            let Some(read) = self.read_for_report(report).await? else { return Ok(None) };
            let ReportedOn { task, node, background, troubles } = read;
            match task.judge_report(hostname, report.epoch, report.sequence) {
                ReportVerdict::New => {}
                ReportVerdict::Repeated => return Ok(Some(Box::new(node))),
                ReportVerdict::Foreign => return Ok(None),
            }
            if let Some(errand) = &report.observed.errand {
                // Rare and large: it does not belong into the state of every report.
                self.begin_errand(&task, &node, errand).boxed().await?;
            }
            let told = self.blame_source(&task, report).await?;
            let report = told.as_ref().unwrap_or(report);
            let stop = abort::was_marked(&node) && ends_step(report);
            let conductors = self.live_conductors().await?;
            let ends_badly = stop || matches!(report.outcome, TaskOutcome::Failed(_));
            let log = if ends_badly { self.installer_log(&task, &node).await? } else { None };
            let (of_task, before) = (log.is_some()).then(|| (task.clone(), node.clone())).unzip();
            let mut change = if stop {
                self.decide_abort(&conductors, task, node, report)
            } else {
                let mut change = self.decide_found(&node, &background, report);
                let settings = &self.settings().inspection;
                let judged = match work_on(settings, true, &background, &conductors, &mut change, self.now())
                {
                    Ok(calls) => called.get_or_init(|| make_calls(&calls)).await.clone(),
                    Err(failure) => Err(failure),
                };
                self.decide_report(task, node, change, judged, &troubles, report)
            };
            if let (Some(task), Some(before), Some(log)) = (&of_task, &before, &log) {
                change.history.push(log_entry(before, &change.node, task, log, self.now()));
            }
            if let Some(node) = self.try_commit(change).await? {
                // What it waits for may have ended before it began to wait.
                if report.observed.errand.is_some() && !stop {
                    self.wake_when_over(report.task_id).await?;
                }
                return Ok((!stop).then(|| Box::new(node)));
            }
        }
    }

    /// The node with what the report saw.
    fn decide_found(&self, before: &Node, background: &Background, report: &TaskReport) -> Change {
        let mut change = Change::from(before);
        observe(&mut change.node, &report.observed);
        // Of an inventory the hooks make ports.
        if report.observed.inventory.is_none() {
            let found = &report.observed.mac_addresses;
            change.new_ports = missing_ports(&change.node, &background.present, found, self.now());
        }
        change.inventory.clone_from(&report.observed.inventory);
        change.bios.clone_from(&report.observed.bios);
        change.firmware.clone_from(&report.observed.firmware);
        change.port_changes.clone_from(&report.observed.port_changes);
        change
    }

    /// What the report means for task and node; `judged` is what inspection rules said to what was found.
    fn decide_report(
        &self,
        mut task: Task,
        before: Node,
        mut change: Change,
        judged: Result<(), Box<Failure>>,
        troubles: &[Trouble],
        report: &TaskReport,
    ) -> Change {
        let now = self.now();
        let fence = task.fence();
        let node = &mut change.node;
        task.note_report(report.sequence, self.lease_end(now));
        if let Some(progress) = &report.progress {
            task.progress.clone_from(progress);
        }
        if let (Err(failure), TaskOutcome::Succeeded { .. }) = (&judged, &report.outcome) {
            change.history.extend(fail(&mut task, &before, node, failure, now));
            change.save = Some((task, fence));
            return change;
        }
        if let Some(event) = report.event {
            apply_event(node, event, now);
        }
        if let Some(failure) = &report.observed.setback {
            node.status.last_error = Some(failure.explain(task.claimed_by.as_deref()));
            change.history.push(failure_entry(&before, node, Some(&task), failure, now));
        }
        match &report.outcome {
            TaskOutcome::Continues => {}
            TaskOutcome::Parked { timeout_secs } => {
                park(&mut task, node, *timeout_secs, now);
                self.bound_installer(&mut task, node, now);
            }
            TaskOutcome::Paused { secs } => pause(&mut task, node, *secs, now),
            TaskOutcome::Succeeded { result } => {
                finish(&mut task, node, TaskState::Succeeded, now);
                task.result.clone_from(result);
                let entry = success(&before, node, &task, now);
                change.history.extend(entry.filter(|_| self.settings().history_successes));
            }
            TaskOutcome::Failed(failure) => {
                let failure = failure.clone().because_of(troubles);
                change.vmedia = outcome_of(&before, &failure);
                change.history.extend(fail(&mut task, &before, node, &failure, now));
            }
        }
        if task.action == Action::TearDown && before.state() == ProvisionState::Deleting {
            let forgotten = forget_instance_unless_deleting(node);
            change.forget_vifs = forgotten && takes_vifs(node);
        }
        change.write_node = *node != before;
        change.save = Some((task, fence));
        change.without_lost_allocation(&before)
    }

    /// Ends a flow whose running step was marked to be the last; a conductor cleans up after it.
    fn decide_abort(
        &self,
        conductors: &[Conductor],
        mut task: Task,
        before: Node,
        report: &TaskReport,
    ) -> Change {
        let fence = task.fence();
        let mut change = Change::from(&before);
        task.sequence = report.sequence;
        observe(&mut change.node, &report.observed);
        change.bios.clone_from(&report.observed.bios);
        change.firmware.clone_from(&report.observed.firmware);
        change.port_changes.clone_from(&report.observed.port_changes);
        let failure = abort::by_request(&task);
        if is_legal(before.state(), Event::Abort) {
            apply_event(&mut change.node, Event::Abort, self.now());
            change.events = vec![Event::Abort];
        }
        self.end_badly(conductors, task, fence, &before, &failure, &mut change);
        change
    }

    /// Ends a flow whose ramdisk may run: it fails, and a conductor cleans up after it. `fence` is what the decision was
    /// made on.
    pub(crate) fn end_badly(
        &self,
        conductors: &[Conductor],
        mut task: Task,
        fence: Fence,
        before: &Node,
        failure: &Failure,
        change: &mut Change,
    ) {
        change.vmedia = outcome_of(before, failure);
        change.history.extend(fail(&mut task, before, &mut change.node, failure, self.now()));
        change.begin = begin_clean_up(self, conductors, &mut change.node, task.action);
        if let Some(clean_up) = &change.begin {
            change.troubles.push((clean_up.id, trouble_of(failure, self.now())));
        }
        change.save = Some((task, fence));
    }

    async fn read_for_report(&self, report: &TaskReport) -> Result<Option<ReportedOn>, DbError> {
        let addresses: Vec<String> =
            report.observed.mac_addresses.iter().filter_map(|port| normalize_mac(&port.address)).collect();
        let Some((task, node)) = self.read_task(report.task_id).await? else { return Ok(None) };
        let failed = matches!(report.outcome, TaskOutcome::Failed(_));
        if addresses.is_empty() && report.observed.inventory.is_none() && !failed {
            let background = Background::default();
            return Ok(Some(ReportedOn { task, node, background, troubles: Vec::new() }));
        }
        let (background, troubles) = self
            .store()
            .read(async |conn: &mut Conn| {
                let mut background =
                    Background { present: ports_with(conn, &addresses).await?, ..Background::default() };
                if report.observed.inventory.is_some() {
                    background.own = ports_of(conn, node.uuid).await?;
                    background.rules = inspection_rules::list_of_phase(conn, MAIN_PHASE).await?;
                }
                let troubles = match failed {
                    true => troubles::list(conn, task.id).await?,
                    false => Vec::new(),
                };
                Ok::<_, DbError>((background, troubles))
            })
            .await?;
        Ok(Some(ReportedOn { task, node, background, troubles }))
    }
}

/// Keys of `instance_info` that a rescue leaves behind; the password itself may have come along from Ironic.
const RESCUE_PASSWORDS: [&str; 2] = ["rescue_password", HASHED_RESCUE_PASSWORD];

/// What a report is about.
struct ReportedOn {
    task: Task,
    node: Node,
    /// What an inventory is held against, when there is one.
    background: Background,
    /// What went wrong before, when the task has failed.
    troubles: Vec<Trouble>,
}

/// Whether the report says that a step has ended and the task would go on.
fn ends_step(report: &TaskReport) -> bool {
    report.observed.step.is_some()
        && matches!(
            report.outcome,
            TaskOutcome::Continues | TaskOutcome::Parked { .. } | TaskOutcome::Paused { .. }
        )
}

/// Lets the event change the node's state; an event that is not legal any more changes nothing and is logged.
pub(crate) fn apply_event(node: &mut Node, event: Event, now: OffsetDateTime) {
    match advance(node.provision, event, None) {
        Ok(provision) => {
            node.provision = provision;
            node.provision_updated_at = Some(now);
            if event == Event::Wait && provision.state() == ProvisionState::InspectWait {
                node.inspection_started_at.get_or_insert(now);
            }
        }
        Err(error) => tracing::warn!(node.uuid = %node.uuid, %error, "an event came too late"),
    }
}

/// Lets the task wait for the ramdisk. A heartbeat that came while the conductor still held the task wakes it at once, unless
/// the node is held: then only somebody's permission does.
fn park(task: &mut Task, node: &mut Node, timeout_secs: u64, now: OffsetDateTime) {
    let heard = node.status.driver_internal_info.remove("agent_wake_pending").is_some();
    let missed = heard && DRIVING.contains(&node.state());
    let seconds = i64::try_from(timeout_secs).unwrap_or(i64::MAX / 2);
    task.park((timeout_secs > 0).then(|| now + Duration::seconds(seconds)), missed);
    if !missed {
        node.reservation = None;
    }
}

/// Lets the task wait for its time, or for others. What the ramdisk says meanwhile changes nothing. A node that does not show that
/// it waits stays locked.
fn pause(task: &mut Task, node: &mut Node, secs: u64, now: OffsetDateTime) {
    node.status.driver_internal_info.remove("agent_wake_pending");
    task.pause(now + Duration::seconds(i64::try_from(secs).unwrap_or(i64::MAX / 2)));
    if task.action.is_flow() && node.state().is_waiting() {
        node.reservation = None;
    }
}

/// Forgets how the last work failed, because new work begins.
pub(crate) fn clear_failure(node: &mut Node) {
    node.status.last_error = None;
}

/// Ends the task and frees the node.
pub(crate) fn finish(task: &mut Task, node: &mut Node, state: TaskState, now: OffsetDateTime) {
    task.end(state, now);
    node.reservation = None;
    node.target_power_state = None;
    node.status.driver_internal_info.remove("agent_wake_pending");
    if task.action.is_flow() {
        clear_steps(node);
    }
    let kept = state == TaskState::Succeeded && keeps_ramdisk(node, task.action);
    if (task.action.may_boot_ramdisk() && !kept)
        || (task.action == Action::Power && ends_ramdisk(&task.params))
    {
        forget_ramdisk(node);
    }
    if task.action == Action::Rescue {
        for key in RESCUE_PASSWORDS {
            node.spec.instance_info.remove(key);
        }
    }
    if task.action == Action::Inspect {
        node.inspection_started_at = None;
        if state == TaskState::Succeeded {
            node.status.inspection_finished_at = Some(now);
        }
    }
}

/// Whether a power change ends the life of a ramdisk whose token was not made before its boot.
fn ends_ramdisk(params: &Value) -> bool {
    serde_json::from_value::<params::Power>(params.clone()).is_ok_and(|power| power.target.ends_ramdisk())
}

/// The entry that ends a flow well; single operations leave none. What cleans up after a failure, or only asks, does not
/// make the failure undone.
fn success(before: &Node, after: &mut Node, task: &Task, now: OffsetDateTime) -> Option<HistoryEntry> {
    if task.action.answers_for_last_error() {
        after.status.last_error = None;
    }
    let words = match task.action {
        Action::Verify => "verified; the BMC answers",
        Action::Inspect => "inspected",
        Action::Clean => "cleaned",
        Action::Deploy => "deployed",
        Action::TearDown => "undeployed and cleaned",
        Action::Adopt => "adopted",
        Action::Service => "serviced",
        Action::Rescue => "rescued",
        Action::Unrescue => "given back to its instance",
        _ => return None,
    };
    let event = format!("The node was {words}; it is now {}.", after.state());
    Some(entry(before, after, Some(task), Severity::Info, event, now))
}

/// Ends the task badly: the node goes where failure leads, and its history says why. A synchronous call that was refused
/// for what its caller asked is answered to the caller and leaves no trace.
pub(crate) fn fail(
    task: &mut Task,
    before: &Node,
    node: &mut Node,
    failure: &Failure,
    now: OffsetDateTime,
) -> Option<HistoryEntry> {
    let host = task.claimed_by.clone();
    let code = failure.code.as_str();
    if task.action.is_synchronous() && (BAD_REQUEST_CODES.contains(&code) || CONFLICT_CODES.contains(&code)) {
        finish(task, node, TaskState::Failed, now);
        task.result = Some(json!(failure));
        return None;
    }
    if drives_state(task.action) && is_legal(node.state(), Event::Fail) {
        apply_event(node, Event::Fail, now);
    }
    if let Some(fault) = fault_of(task, before, node, failure) {
        node.maintenance = true;
        node.fault = Some(fault);
        node.spec.maintenance_reason = Some(failure.explain(host.as_deref()));
    }
    if task.action == Action::Adopt {
        node.power_state = None;
    }
    node.status.last_error = Some(failure.explain(host.as_deref()));
    let entry = failure_entry(before, node, Some(task), failure, now);
    finish(task, node, TaskState::Failed, now);
    task.result = Some(json!(failure));
    Some(entry)
}

/// The fault with which a failure leaves the node, after which nothing automatic may touch it.
///
/// Source: `contract: state-machine` section 7.
fn fault_of(task: &Task, before: &Node, after: &Node, failure: &Failure) -> Option<Fault> {
    let cleaning = matches!(before.state(), ProvisionState::Cleaning | ProvisionState::CleanWait)
        || after.state() == ProvisionState::CleanFailed;
    let in_step = failure.step.is_some() && drives_state(task.action);
    match task.action {
        Action::Abort if ended_by(task) == Some(Action::Rescue) => Some(Fault::RescueAbort),
        _ if in_step && cleaning => Some(Fault::Clean),
        _ if in_step && after.state() == ProvisionState::ServiceFailed => Some(Fault::Service),
        _ => None,
    }
}

/// What an abort cleans up after.
fn ended_by(task: &Task) -> Option<Action> {
    let params: params::Abort = serde_json::from_value(task.params.clone()).ok()?;
    Action::find(&params.aborted)
}

/// Whether the action is what put the node into its state, so that its failure is the state's failure.
fn drives_state(action: Action) -> bool {
    action.is_flow() && action != Action::Abort
}

/// Forgets the instance as soon as the node stops being torn down, well or badly; says whether it did.
fn forget_instance_unless_deleting(node: &mut Node) -> bool {
    if node.state() == ProvisionState::Deleting {
        return false;
    }
    node.spec.instance_info = JsonMap::new();
    node.instance_uuid = None;
    node.instance_name = None;
    node.allocation_uuid = None;
    true
}
