//! Waiting for what is done on other nodes.

use super::boot::park;
use super::run::show;
use super::{Flow, Stage};
use crate::reporter::Ending;
use crate::task::{Halt, RunningTask};
use ferric_hardware::{HardwareError, HardwareErrorKind};
use ferric_model::action::Action;
use ferric_model::errand::{Errand, ErrandState, Relatives};
use ferric_model::report::{Observed, TaskOutcome};
use ferric_model::step::Step;
use ferric_model::task::{TaskState, params};
use serde_json::json;

/// When the task looks by itself how the others stand, in seconds; usually the end of the last of them wakes it.
const LOOK_AGAIN_SECS: u64 = 60;

/// Runs a step on the child nodes; none when it is done on all of them.
pub async fn on_children(
    task: &mut RunningTask,
    flow: &Flow,
    step: &Step,
    only: &[String],
    mut seen: Observed,
) -> Result<Option<Ending>, Halt> {
    let tag = format!("{} {}", flow.kind.as_str(), task.progress.cursor);
    if task.progress.stage == Stage::AwaitingErrand {
        return match ended(task, &tag)? {
            true => Ok(None),
            false => pause(park(task, seen, 0)?),
        };
    }
    show(task, flow, step, &mut seen);
    let own = Step { on_children: None, ..step.clone() };
    seen.errand = Some(Errand {
        tag,
        to: Relatives::Children(only.to_vec()),
        action: Action::ChildStep,
        params: json!(params::ChildStep { kind: flow.kind, step: own }),
    });
    task.progress.stage = Stage::AwaitingErrand;
    pause(park(task, seen, 0)?)
}

/// Lets a task that is no flow wait for an errand; none when that is done.
pub fn await_errand(task: &mut RunningTask, errand: Errand) -> Result<Option<Ending>, Halt> {
    if task.progress.stage == Stage::AwaitingErrand {
        if ended(task, &errand.tag)? {
            return Ok(None);
        }
        return pause(Ending::continues(None, Observed::default()));
    }
    task.progress.stage = Stage::AwaitingErrand;
    pause(Ending::continues(None, Observed { errand: Some(errand), ..Observed::default() }))
}

fn pause(ending: Ending) -> Result<Option<Ending>, Halt> {
    Ok(Some(Ending { outcome: TaskOutcome::Paused { secs: LOOK_AGAIN_SECS }, ..ending }))
}

/// Whether all others have ended.
///
/// **Errors**: when one of them has failed, with what it said.
fn ended(task: &RunningTask, tag: &str) -> Result<bool, Halt> {
    let asked: Vec<&ErrandState> = task.errands.iter().filter(|errand| errand.tag == tag).collect();
    if asked.iter().any(|errand| !errand.state.is_final()) {
        return Ok(false);
    }
    let failed: Vec<&ErrandState> =
        asked.iter().copied().filter(|errand| errand.state == TaskState::Failed).collect();
    if failed.is_empty() {
        return Ok(true);
    }
    let said: Vec<String> = failed
        .iter()
        .map(|errand| {
            let why =
                errand.failure.as_ref().map_or("for an unknown reason", |failure| failure.summary.as_str());
            format!("node {}: {why}", errand.node_uuid)
        })
        .collect();
    let error = HardwareError::new(
        HardwareErrorKind::Refused,
        "related-node-failed",
        format!("it failed on {} of {} related nodes", failed.len(), asked.len()),
        "look at the history of these nodes, then try again",
    );
    Err(task.failed(task.doing(), error.said(said.join("; "))))
}
