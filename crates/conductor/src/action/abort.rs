//! Abort: clean up after a flow that somebody ended while it waited, or that ended badly while nobody held it.

use super::instance::boot_instance;
use crate::engine::abandon_ramdisk;
use crate::observation::add;
use crate::reporter::Ending;
use crate::task::{Halt, RunningTask};
use ferric_model::action::Action;
use ferric_model::power::PowerTarget;
use ferric_model::report::Observed;
use ferric_model::task::params;

/// Takes the ramdisk away. Then the node runs its instance again, where that is asked for; or it stays as it is after a
/// service, for a look; else it is switched off, which only after a rescue is more than a wish: people may be in there.
pub async fn abort(task: &mut RunningTask) -> Result<Ending, Halt> {
    let params: params::Abort = task.params()?;
    let aborted = Action::find(&params.aborted).unwrap_or(Action::Abort);
    let mut seen = abandon_ramdisk(task, aborted).await;
    if params.restore {
        return match boot_instance(task).await {
            Ok(observed) => {
                add(&mut seen, observed);
                Ok(Ending::succeeded(None, seen))
            }
            Err(halt) => Err(halt.saw(seen)),
        };
    }
    if aborted == Action::Service || task.view.node.spec.disable_power_off {
        return Ok(Ending::succeeded(None, seen));
    }
    match task.set_power(PowerTarget::Off).await {
        Ok(state) => add(&mut seen, Observed { power_state: Some(state), ..Observed::default() }),
        Err(Halt::Failed(failed)) if aborted == Action::Rescue => {
            return Err(Halt::Failed(failed).saw(seen));
        }
        Err(Halt::Failed(failed)) => {
            tracing::warn!(error = failed.failure.summary, "the node could not be switched off");
        }
        Err(Halt::Lost) => return Err(Halt::Lost),
    }
    Ok(Ending::succeeded(None, seen))
}
