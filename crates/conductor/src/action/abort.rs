//! Abort: clean up after a flow that somebody ended while it waited.

use crate::observation::add;
use crate::reporter::Ending;
use crate::task::{Halt, RunningTask};
use ferric_model::power::PowerTarget;
use ferric_model::report::Observed;

/// Takes the ramdisk away and switches the node off, as far as that is possible.
pub async fn abort(task: &mut RunningTask) -> Result<Ending, Halt> {
    let mut seen = Observed::default();
    match task.interfaces.boot.clean_up_ramdisk(&task.view).await {
        Ok(observed) => add(&mut seen, observed),
        Err(error) => tracing::warn!(%error, "the ramdisk could not be taken away"),
    }
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
