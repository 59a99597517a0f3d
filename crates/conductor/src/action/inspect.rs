//! Inspect: out of band at once, or by the ramdisk, which sends what it finds to the API.

use crate::engine::{Stage, abandon_ramdisk, boot_ramdisk, leave_ramdisk};
use crate::observation::add;
use crate::reporter::Ending;
use crate::task::{Halt, RunningTask};
use ferric_hardware::InspectOutcome;
use ferric_model::action::Action;
use ferric_model::lifecycle::Event;
use ferric_model::node::keeps_ramdisk;
use ferric_model::report::Observed;

/// Inspects the node, or ends an inspection whose data has come.
pub async fn inspect(task: &mut RunningTask) -> Result<Ending, Halt> {
    match work(task).await {
        Err(Halt::Failed(mut failed)) if task.progress.ramdisk => {
            add(&mut failed.observed, abandon_ramdisk(task, Action::Inspect).await);
            Err(Halt::Failed(failed))
        }
        ended => ended,
    }
}

async fn work(task: &mut RunningTask) -> Result<Ending, Halt> {
    let timeout_secs = task.config.callback_timeouts.inspect;
    match task.progress.stage {
        Stage::AwaitingRamdisk if task.is_to_boot_again() => {
            boot_ramdisk(task, Observed::default(), timeout_secs).await
        }
        // Otherwise only data that was stored wakes an inspection that waits. Where the ramdisk stays, that is all.
        Stage::AwaitingRamdisk if keeps_ramdisk(&task.view.node, Action::Inspect) => {
            Ok(Ending::succeeded(Some(Event::Done), Observed::default()))
        }
        Stage::AwaitingRamdisk => {
            task.report(task.resume_event(), Observed::default()).await?;
            leave_ramdisk(task).await.map(|seen| Ending::succeeded(Some(Event::Done), seen))
        }
        Stage::Booting => boot_ramdisk(task, Observed::default(), timeout_secs).await,
        _ => {
            let node = &task.view.node;
            let checked =
                task.interfaces.power.validate(node).and_then(|()| task.interfaces.inspect.validate(node));
            checked.map_err(|error| task.failed("checking the node's driver_info", error))?;
            match task.interfaces.inspect.inspect(&task.view, &task.interfaces).await {
                Ok(InspectOutcome::Done(seen)) => Ok(Ending::succeeded(Some(Event::Done), seen)),
                Ok(InspectOutcome::BootRamdisk(seen)) => boot_ramdisk(task, seen, timeout_secs).await,
                Err(error) => Err(task.failed("inspecting", error)),
            }
        }
    }
}
