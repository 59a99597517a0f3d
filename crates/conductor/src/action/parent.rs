//! A node inside another one has no power before that has.

use crate::engine::{Phase, Stage, await_errand};
use crate::reporter::Ending;
use crate::task::{Halt, RunningTask};
use ferric_model::action::Action;
use ferric_model::errand::{Errand, Relatives, depends_on_parent};
use ferric_model::power::PowerTarget;
use ferric_model::task::params;

/// Waits until the parent is on, at the beginning of a flow that switches the node on; none when that need not be waited for.
pub fn parent_first(task: &mut RunningTask) -> Result<Option<Ending>, Halt> {
    let begins = task.progress.phase == Phase::Prepare
        && matches!(task.progress.stage, Stage::Pending | Stage::AwaitingErrand);
    if !begins || task.progress.parent_is_on || !depends_on_parent(&task.view.node) || !needs_power(task)? {
        return Ok(None);
    }
    let errand = Errand::power("parent on", Relatives::Parent, PowerTarget::On);
    if let Some(waiting) = await_errand(task, errand)? {
        return Ok(Some(waiting));
    }
    task.progress.parent_is_on = true;
    task.progress.stage = Stage::Pending;
    Ok(None)
}

fn needs_power(task: &RunningTask) -> Result<bool, Halt> {
    Ok(match task.view.action {
        Action::Deploy | Action::Inspect | Action::Rescue | Action::Service => true,
        Action::Clean => task.params::<params::Clean>()?.enabled,
        _ => false,
    })
}
