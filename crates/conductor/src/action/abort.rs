//! Abort: clean up after a flow that somebody ended while it waited.

use crate::engine::abandon_ramdisk;
use crate::observation::add;
use crate::reporter::Ending;
use crate::task::{Halt, RunningTask};
use ferric_model::action::Action;
use ferric_model::power::PowerTarget;
use ferric_model::report::Observed;
use ferric_model::task::params;

/// Takes the ramdisk away and switches the node off, as far as that is possible.
pub async fn abort(task: &mut RunningTask) -> Result<Ending, Halt> {
    let mut seen = Observed::default();
    let params: params::Abort = task.params()?;
    let aborted = Action::find(&params.aborted).unwrap_or(Action::Abort);
    add(&mut seen, abandon_ramdisk(task, aborted).await);
    if !task.view.node.spec.disable_power_off {
        match task.set_power(PowerTarget::Off).await {
            Ok(state) => seen.power_state = Some(state),
            Err(Halt::Failed(failed)) => {
                tracing::warn!(error = failed.failure.summary, "the node could not be switched off");
            }
            Err(Halt::Lost) => return Err(Halt::Lost),
        }
    }
    Ok(Ending::succeeded(None, seen))
}
