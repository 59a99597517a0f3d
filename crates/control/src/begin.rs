//! Beginning a task on a node.

use crate::actor::RequestContext;
use crate::boot::BOOT_AGAIN;
use crate::commit::{Change, check_unlocked, new_id};
use crate::control::{Control, pick_conductor};
use crate::error::ControlError;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ferric_model::action::Action;
use ferric_model::conductor::Conductor;
use ferric_model::hardware::{InterfaceKind, PARAMETER_CARRYING_BOOT};
use ferric_model::installer::{INSTALLER, installs};
use ferric_model::node::{FAST_TRACK, Node};
use ferric_model::task::{Task, TaskState, params};
use rand::RngExt;
use serde_json::{Value, json};

/// Keys of `driver_internal_info` that belong to one life of the ramdisk.
pub(crate) const RAMDISK_KEYS: [&str; 11] = [
    BOOT_AGAIN,
    "agent_url",
    "agent_secret_token",
    "agent_secret_token_pregenerated",
    "agent_verify_ca",
    "agent_version",
    "agent_last_heartbeat",
    "agent_status",
    "agent_status_message",
    "hardware_manager_version",
    INSTALLER,
];

/// Prepares a task of `action` that holds `node`: sets the reservation and, where the ramdisk can be told in secret,
/// makes the agent's token.
///
/// **Errors**: `NodeLocked`; `NoConductor` when no living conductor can do it.
pub(crate) fn begin_task(
    control: &Control,
    conductors: &[Conductor],
    context: &RequestContext,
    node: &mut Node,
    action: Action,
    params: Value,
) -> Result<Task, ControlError> {
    check_unlocked(node)?;
    let host = pick_conductor(conductors, node).ok_or_else(|| no_conductor(node))?;
    node.reservation = Some(host);
    let boots = action.may_boot_ramdisk();
    if boots {
        // The ramdisk's agent is of no use to an installer.
        let fast_track = !installs(node, action) && control.works_by_fast_track(node);
        if fast_track {
            node.status.driver_internal_info.insert(FAST_TRACK.into(), true.into());
        } else {
            node.status.driver_internal_info.remove(FAST_TRACK);
        }
        if fast_track && control.finds_ramdisk(node, action) {
            return Ok(task_of(control, context, node, action, params));
        }
        forget_ramdisk(node);
        let boot = node.spec.interfaces.get(&InterfaceKind::Boot);
        let told_in_secret = boot.is_some_and(|boot| PARAMETER_CARRYING_BOOT.contains(&boot.as_str()));
        // An installer asks for nothing: its answer file brings the token.
        if told_in_secret || installs(node, action) {
            let internal = &mut node.status.driver_internal_info;
            internal.insert("agent_secret_token".into(), random_token().into());
            internal.insert("agent_secret_token_pregenerated".into(), true.into());
        }
    }
    Ok(task_of(control, context, node, action, params))
}

fn task_of(control: &Control, context: &RequestContext, node: &Node, action: Action, params: Value) -> Task {
    Task {
        id: new_id(),
        node_uuid: node.uuid,
        conductor_group: node.conductor_group.clone(),
        action,
        state: TaskState::Queued,
        params,
        progress: Value::Null,
        epoch: 0,
        sequence: 0,
        lost_leases: 0,
        claimed_by: None,
        lease_expires_at: None,
        deadline_at: None,
        boot_token: action.may_boot_ramdisk().then(random_token),
        user: context.actor.user.clone(),
        project: context.actor.project.clone(),
        request_id: Some(context.request_id.clone()).filter(|id| !id.is_empty()),
        result: None,
        created_at: control.now(),
        started_at: None,
        finished_at: None,
        operation_item: context.operation_item,
        resume_at: None,
        awaited_by: None,
    }
}

/// Prepares the task that cleans up after one that was ended from outside while its ramdisk may run; none, with a line in
/// the log, when nobody can do it.
pub(crate) fn begin_clean_up(
    control: &Control,
    conductors: &[Conductor],
    node: &mut Node,
    ended: Action,
) -> Option<Task> {
    let params = json!(params::Abort { aborted: ended.as_str().to_owned(), restore: false });
    let begun = begin_task(control, conductors, &RequestContext::system(), node, Action::Abort, params);
    begun
        .inspect_err(|error| {
            let action = ended.as_str();
            tracing::warn!(node.uuid = %node.uuid, %error, action, "nobody can clean up after the end of the task");
        })
        .ok()
}

/// A change that writes the node and begins the task.
pub(crate) fn begin_change(node: Node, task: Task) -> Change {
    Change { begin: Some(task), ..Change::of(node) }
}

/// Forgets the agent that ran on the node.
pub(crate) fn forget_ramdisk(node: &mut Node) {
    for key in RAMDISK_KEYS {
        node.status.driver_internal_info.remove(key);
    }
}

/// A token that nobody can guess: 32 random bytes, 43 characters that are safe in URLs.
pub(crate) fn random_token() -> String {
    URL_SAFE_NO_PAD.encode(rand::rng().random::<[u8; 32]>())
}

/// Refuses when no living conductor can work on the node.
pub(crate) fn no_conductor(node: &Node) -> ControlError {
    ControlError::NoConductor(format!(
        "No conductor service registered which supports driver {} for conductor group \"{}\".",
        node.driver, node.conductor_group
    ))
}
