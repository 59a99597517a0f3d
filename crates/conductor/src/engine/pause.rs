//! Reserved steps that let the node stay as it is: `hold` and `wait`.

use super::boot::park;
use super::plan::is_reserved;
use super::run::show;
use super::{Flow, Stage};
use crate::reporter::Ending;
use crate::task::{Halt, RunningTask};
use ferric_hardware::HardwareError;
use ferric_model::lifecycle::{Event, is_legal};
use ferric_model::report::{Observed, TaskOutcome};
use ferric_model::step::Step;
use serde_json::Value;
use std::time::Duration;

/// The longest time that a conductor waits itself, in seconds; for a longer one the lease is given back.
///
/// Source: Ironic's `[conductor]max_conductor_wait_step_seconds`.
const LONGEST_HELD_SECS: i64 = 30;

/// A step that lets the node stay as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// Until somebody lets it go on.
    Hold,
    /// For a time, or until the ramdisk is heard of.
    Wait,
}

impl Pause {
    /// Which of the two the step is, if it is one.
    pub fn of(step: &Step) -> Option<Self> {
        match step.step.as_str() {
            "hold" if is_reserved(step) => Some(Self::Hold),
            "wait" if is_reserved(step) => Some(Self::Wait),
            _ => None,
        }
    }

    /// Keeps the node; none when the time is over and the next step is due.
    pub async fn keep(
        self,
        task: &mut RunningTask,
        flow: &Flow,
        step: &Step,
        seen: Observed,
    ) -> Result<Option<Ending>, Halt> {
        match (self, seconds(task, step)?) {
            (Self::Hold, _) => hold(task, flow, step, seen).await.map(Some),
            (Self::Wait, None) => wait_for_word(task, flow, step, seen).await,
            (Self::Wait, Some(seconds)) => wait(task, flow, step, seconds, seen).await,
        }
    }
}

/// Keeps the node where it is, waiting or not; the task goes on behind this step when somebody lets it.
async fn hold(task: &mut RunningTask, flow: &Flow, step: &Step, mut seen: Observed) -> Result<Ending, Halt> {
    show(task, flow, step, &mut seen);
    task.report(None, seen).await?;
    let state = task.view.node.state();
    if !is_legal(state, Event::Hold) {
        let error = HardwareError::unsupported(format!("a node in state '{state}' cannot be held"));
        return Err(task.failed(task.doing(), error));
    }
    task.progress.advance();
    Ok(Ending {
        outcome: TaskOutcome::Parked { timeout_secs: 0 },
        event: Some(Event::Hold),
        observed: Observed::default(),
    })
}

/// Waits until the ramdisk is heard of.
async fn wait_for_word(
    task: &mut RunningTask,
    flow: &Flow,
    step: &Step,
    mut seen: Observed,
) -> Result<Option<Ending>, Halt> {
    if task.progress.stage == Stage::AwaitingAgent {
        return Ok(None);
    }
    show(task, flow, step, &mut seen);
    task.progress.stage = Stage::AwaitingAgent;
    park(task, seen, flow.timeout_secs).map(Some)
}

/// Waits for a time, which counts from the moment that was noted when the step began.
async fn wait(
    task: &mut RunningTask,
    flow: &Flow,
    step: &Step,
    seconds: i64,
    mut seen: Observed,
) -> Result<Option<Ending>, Halt> {
    if task.progress.stage == Stage::Pending {
        show(task, flow, step, &mut seen);
    }
    let now = task.clock.now();
    let until = task.progress.started_at.unwrap_or(now) + time::Duration::seconds(seconds);
    let left = until - now;
    if left > time::Duration::seconds(LONGEST_HELD_SECS) {
        let mut ending = park(task, seen, 0)?;
        ending.outcome = TaskOutcome::Paused { secs: u64::try_from(left.whole_seconds() + 1).unwrap_or(1) };
        return Ok(Some(ending));
    }
    let state = task.view.node.state();
    let event = is_legal(state, Event::Wait).then_some(Event::Wait);
    task.report(event, seen).await?;
    tokio::time::sleep(Duration::try_from(left).unwrap_or_default()).await;
    Ok(None)
}

/// How long to wait; none when no time is given.
fn seconds(task: &RunningTask, step: &Step) -> Result<Option<i64>, Halt> {
    let Some(given) = step.args.get("seconds") else { return Ok(None) };
    let read = match given {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    let read = read.and_then(|seconds| i64::try_from(seconds).ok()).filter(|seconds| *seconds < 1 << 32);
    read.map(Some).ok_or_else(|| {
        let error = HardwareError::invalid(
            format!("{} has no usable number of seconds", step.label()),
            "give 'seconds' as a whole number that is not negative",
        );
        task.failed(task.doing(), error)
    })
}
