//! From an action to the code that carries it out, and from how that ended to the last report.

use crate::action;
use crate::reporter::Ending;
use crate::resolve::fail_event;
use crate::task::{Halt, RunningTask};
use ferric_hardware::{HardwareError, HardwareErrorKind};
use ferric_model::action::Action;
use ferric_model::boot::BootPurpose;
use ferric_model::failure::code;
use ferric_model::report::TaskOutcome;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::any::Any;
use std::panic::AssertUnwindSafe;

type Run = for<'a> fn(&'a mut RunningTask) -> BoxFuture<'a, Result<Ending, Halt>>;

/// A row: the action, whether it is what put the node into its state, and what carries it out.
type Row = (Action, bool, Run);

/// What carries out each action, in the order of the enum.
const ROWS: [Row; 30] = [
    (Action::Verify, true, |task| Box::pin(action::verify(task))),
    (Action::Inspect, true, |task| Box::pin(action::inspect(task))),
    (Action::Clean, true, |task| Box::pin(action::clean(task))),
    (Action::Deploy, true, |task| Box::pin(action::deploy(task))),
    (Action::TearDown, true, |task| Box::pin(action::tear_down(task))),
    (Action::Abort, false, |task| Box::pin(action::abort(task))),
    (Action::Adopt, true, |task| Box::pin(action::adopt(task))),
    (Action::Service, true, |task| Box::pin(action::service(task))),
    (Action::Rescue, true, |task| Box::pin(action::rescue(task))),
    (Action::Unrescue, true, |task| Box::pin(action::unrescue(task))),
    (Action::Power, false, |task| Box::pin(action::power(task))),
    (Action::GetBootDevice, false, |task| Box::pin(action::get_boot_device(task))),
    (Action::SetBootDevice, false, |task| Box::pin(action::set_boot_device(task))),
    (Action::SetBootMode, false, |task| Box::pin(action::set_boot_mode(task))),
    (Action::SetSecureBoot, false, |task| Box::pin(action::set_secure_boot(task))),
    (Action::InjectNmi, false, |task| Box::pin(action::inject_nmi(task))),
    (Action::ListIndicators, false, |task| Box::pin(action::list_indicators(task))),
    (Action::GetIndicator, false, |task| Box::pin(action::get_indicator(task))),
    (Action::SetIndicator, false, |task| Box::pin(action::set_indicator(task))),
    (Action::GetVirtualMedia, false, |task| Box::pin(action::get_virtual_media(task))),
    (Action::AttachVirtualMedia, false, |task| Box::pin(action::attach_virtual_media(task))),
    (Action::DetachVirtualMedia, false, |task| Box::pin(action::detach_virtual_media(task))),
    (Action::GetConsole, false, |task| Box::pin(action::get_console(task))),
    (Action::StartConsole, false, |task| Box::pin(action::start_console(task))),
    (Action::StopConsole, false, |task| Box::pin(action::stop_console(task))),
    (Action::CallVendorMethod, false, |task| Box::pin(action::vendor_method(task))),
    (Action::RunVendorMethod, false, |task| Box::pin(action::vendor_method(task))),
    (Action::AttachVif, false, |task| Box::pin(action::attach_vif(task))),
    (Action::DetachVif, false, |task| Box::pin(action::detach_vif(task))),
    (Action::ChildStep, false, |task| Box::pin(action::child_step(task))),
];

/// Whether the action is what put the node into its state, so that its failure is the state's failure.
pub fn drives_state(action: Action) -> bool {
    ROWS[action as usize].1
}

/// Carries out the task and reports how it ended; nothing is reported of a claim that was lost.
pub async fn dispatch(task: &mut RunningTask) {
    let ended = match AssertUnwindSafe(carry_out(task)).catch_unwind().await {
        Ok(ended) => ended,
        Err(panic) => Err(panicked(task, &*panic)),
    };
    let ending = match ended {
        Ok(ending) => ending,
        Err(Halt::Failed(failed)) => {
            tracing::warn!(
                code = failed.failure.code,
                step = failed.failure.step,
                duration_ms = failed.failure.duration_ms,
                error = failed.failure.summary,
                "the task failed"
            );
            Ending {
                outcome: TaskOutcome::Failed(failed.failure),
                event: fail_event(task.view.action, &task.view.node),
                observed: failed.observed,
            }
        }
        Err(Halt::Lost) => {
            tracing::warn!("the claim is not ours any more, stopped");
            return;
        }
    };
    let outcome = outcome_word(&ending.outcome);
    match task.reporter.send(ending, Some(task.progress.to_json())).await {
        Ok(_) => tracing::info!(outcome, "reported"),
        Err(_) => tracing::warn!(outcome, "the last report was not accepted"),
    }
}

async fn carry_out(task: &mut RunningTask) -> Result<Ending, Halt> {
    if let Some(waiting) = action::parent_first(task)? {
        return Ok(waiting);
    }
    address_instance(task).await?;
    ROWS[task.view.action as usize].2(task).await
}

/// Actions that may boot the instance.
const BOOTING_INSTANCES: [Action; 4] = [Action::Deploy, Action::Rescue, Action::Service, Action::Unrescue];

/// Gives an instance that never comes to a disk an address from which it can be booted.
async fn address_instance(task: &mut RunningTask) -> Result<(), Halt> {
    let node = &task.view.node;
    if task.interfaces.deploy.boots_from_disk(node) || !BOOTING_INSTANCES.contains(&task.view.action) {
        return Ok(());
    }
    task.begin_boot(BootPurpose::Instance).await
}

fn outcome_word(outcome: &TaskOutcome) -> &'static str {
    match outcome {
        TaskOutcome::Continues => "continues",
        TaskOutcome::Parked { .. } => "parked",
        TaskOutcome::Paused { .. } => "paused",
        TaskOutcome::Succeeded { .. } => "succeeded",
        TaskOutcome::Failed(_) => "failed",
    }
}

fn panicked(task: &RunningTask, panic: &(dyn Any + Send)) -> Halt {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    let error = HardwareError::new(
        HardwareErrorKind::Nonsense,
        code::CONDUCTOR_PANICKED,
        "the conductor's own code failed",
        "report this with the conductor's log; trying again may work",
    );
    task.failed(task.doing(), error.said(text))
}

#[cfg(test)]
mod tests {
    use super::{Action, ROWS};

    #[test]
    fn rows_stand_in_the_order_of_the_enum() {
        assert_eq!(ROWS.len(), Action::all().count());
        for (index, (action, ..)) in ROWS.into_iter().enumerate() {
            assert_eq!(action as usize, index);
        }
    }
}
