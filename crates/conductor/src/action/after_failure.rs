//! What a service does when one of its steps has failed: it may be tried again, by itself or when somebody has looked at the node.
//!
//! **Shape** of `service_on_failure` in a node's `driver_info`: `{"retries": 2, "pause_secs": 60, "hold": true}`, each of them
//! optional. A step that must not act twice is not tried again by itself.

use crate::engine::{Stage, Wait};
use crate::reporter::Ending;
use crate::task::{Failed, Halt, RunningTask};
use ferric_model::lifecycle::Event;
use ferric_model::report::{Observed, TaskOutcome};
use ferric_model::step::Repeat;
use serde::Deserialize;

/// What the node wishes for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wish {
    retries: u32,
    pause_secs: u64,
    hold: bool,
}

/// What to wait for before the failed step is tried again; none when the service has failed for good.
pub(super) fn decide(task: &RunningTask, failed: &Failed) -> Option<Wait> {
    let wish = task.view.node.spec.driver_info.get("service_on_failure")?;
    let wish: Wish = serde_json::from_value(wish.clone()).ok()?;
    let step = task.progress.current()?;
    if failed.failure.step.as_deref() != Some(step.label().as_str()) {
        return None;
    }
    if task.progress.failed_tries < wish.retries && step.repeat != Repeat::Once {
        return Some(Wait::Time { secs: wish.pause_secs });
    }
    wish.hold.then_some(Wait::Permission)
}

/// Tells of the failure, and lets the node wait.
pub(super) async fn tell(task: &mut RunningTask, failed: Failed, wait: Wait) -> Result<Ending, Halt> {
    let Failed { failure, observed } = failed;
    task.progress.stage = Stage::Pending;
    task.progress.failed_tries += 1;
    task.progress.after_failure = Some(wait);
    task.report(Some(Event::Fail), Observed { setback: Some(failure), ..observed }).await?;
    Ok(self::wait(task))
}

/// Lets a node wait whose failure was told.
pub(super) fn wait(task: &mut RunningTask) -> Ending {
    let (outcome, event) = match task.progress.after_failure.take() {
        Some(Wait::Time { secs }) => (TaskOutcome::Paused { secs }, Event::Wait),
        Some(Wait::Permission) | None => (TaskOutcome::Parked { timeout_secs: 0 }, Event::Hold),
    };
    Ending { outcome, event: Some(event), observed: Observed::default() }
}
