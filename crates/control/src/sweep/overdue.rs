//! Waits that lasted too long: the ramdisk was not heard of in time.

use super::boots::{is_heard, waiting_for};
use crate::commit::Change;
use crate::control::Control;
use crate::error::ControlError;
use crate::installer::{log_entry, stalled};
use ferric_db::{Conn, tasks};
use ferric_model::action::Action;
use ferric_model::failure::code;
use ferric_model::node::Node;
use ferric_model::report::Failure;
use ferric_model::task::{Task, TaskState};
use serde_json::Value;

/// Most tasks of one round.
const BATCH: i64 = 100;

impl Control {
    /// Fails tasks that waited too long, and lets a conductor clean up after each. What counts is silence: a heartbeat
    /// wakes the task, and the next wait has a deadline of its own. Nodes in maintenance wait as long as it takes.
    pub(crate) async fn sweep_overdue(&self) -> Result<usize, ControlError> {
        let now = self.now();
        let overdue = self
            .store()
            .read(async |conn: &mut Conn| tasks::list_overdue(conn, now, BATCH).await)
            .await
            .map_err(ControlError::Database)?;
        let mut failed = 0;
        for task in overdue {
            failed += usize::from(self.fail_overdue(task).await?);
        }
        Ok(failed)
    }

    async fn fail_overdue(&self, task: Task) -> Result<bool, ControlError> {
        let conductors = self.live_conductors().await?;
        let Some(before) = self.find_node(&task.node_uuid.to_string()).await? else { return Ok(false) };
        if before.maintenance || task.state != TaskState::Parked {
            return Ok(false);
        }
        let fence = task.fence();
        let stalled = stalled(&task, &before, self.now());
        let unheard = stalled.is_none() && !is_heard(&before);
        let seen = if unheard { self.boot_verdict(&task).await? } else { stalled };
        let failure =
            seen.unwrap_or_else(|| silence(&task, &before)).because_of(&self.troubles_of(task.id).await?);
        let log = self.installer_log(&task, &before).await?;
        let mut change = Change::from(&before);
        if let Some(log) = log {
            change.history.push(log_entry(&before, &before, &task, &log, self.now()));
        }
        self.end_badly(&conductors, task, fence, &before, &failure, &mut change);
        Ok(self.try_commit(change).await?.is_some())
    }
}

fn silence(task: &Task, node: &Node) -> Failure {
    let internal = &node.status.driver_internal_info;
    let last = internal.get("agent_last_heartbeat").and_then(Value::as_str);
    let (never, fell_silent) = words(task.action);
    let (summary, advice) = match last {
        Some(_) => (
            format!("Timeout reached: the ramdisk's agent was heard of, then fell silent {fell_silent}"),
            "look at the node's console: the ramdisk crashed, lost its network, or was switched off",
        ),
        None => (
            format!("Timeout reached while waiting for callback: {never}"),
            "look at the node's console: check that it booted the ramdisk and that the ramdisk reaches the API",
        ),
    };
    let running = [&node.status.clean_step, &node.status.deploy_step, &node.status.service_step]
        .into_iter()
        .find(|step| !step.is_empty())
        .and_then(|step| {
            let word = |key: &str| step.get(key).and_then(Value::as_str);
            Some(format!("{}.{}", word("interface")?, word("step")?))
        });
    let failure =
        Failure::new(code::RAMDISK_SILENT, waiting_for(task), summary).advised(advice).in_step(running);
    match last {
        Some(at) => failure.said(format!("last heartbeat at {at}")),
        None => failure,
    }
}

/// What was waited for in vain, and in the middle of what.
fn words(action: Action) -> (&'static str, &'static str) {
    match action {
        Action::Deploy => (
            "the ramdisk's agent was never heard of, so that nothing was deployed",
            "in the middle of the deployment",
        ),
        Action::Clean | Action::TearDown => (
            "the ramdisk's agent was never heard of, so that nothing was cleaned",
            "in the middle of the cleaning",
        ),
        Action::Inspect => (
            "the ramdisk's agent was never heard of, so that nothing is known of the node's hardware",
            "before it sent what it found",
        ),
        Action::Rescue => (
            "the ramdisk's agent was never heard of, so that nobody can be let into the node",
            "before anybody was let into the node",
        ),
        Action::Service => (
            "the ramdisk's agent was never heard of, so that the node was not serviced",
            "in the middle of the service",
        ),
        _ => ("the ramdisk's agent was never heard of", "in the middle of the work"),
    }
}
