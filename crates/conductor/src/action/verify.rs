//! Verify: can the BMC be driven, and what does it say of the node.

use super::settings::read_settings;
use crate::engine::{Flow, Phase, Turn, Wanted, run};
use crate::observation::add;
use crate::reporter::Ending;
use crate::task::{Halt, RunningTask};
use ferric_hardware::{HardwareError, HardwareErrorKind};
use ferric_model::failure::code;
use ferric_model::lifecycle::Event;
use ferric_model::report::Observed;
use ferric_model::step::StepKind;

/// Checks that the BMC can be driven, reads what it tells, and runs the verify steps.
pub async fn verify(task: &mut RunningTask) -> Result<Ending, Halt> {
    let mut seen =
        if task.progress.phase == Phase::Prepare { look(task).await? } else { Observed::default() };
    let flow = Flow {
        kind: StepKind::Verify,
        wanted: Wanted::ByPriority(Vec::new()),
        boots_first: false,
        may_use_agent: false,
        without_ramdisk: false,
        timeout_secs: 0,
    };
    match run(task, &flow).await {
        Ok(Turn::Finished(observed)) => {
            add(&mut seen, observed);
            Ok(Ending::succeeded(Some(Event::Done), seen))
        }
        Ok(Turn::Parked(ending)) => Ok(ending),
        Err(halt) => Err(halt.saw(seen)),
    }
}

async fn look(task: &RunningTask) -> Result<Observed, Halt> {
    let node = &task.view.node;
    let checked =
        task.interfaces.power.validate(node).and_then(|()| task.interfaces.management.validate(node));
    checked.map_err(|error| task.failed("checking the node's driver_info", error))?;
    let read = task.interfaces.power.get_power_state(node).await;
    let state = read.map_err(|error| task.failed("reading the power state", error))?;
    let state = state.ok_or_else(|| task.failed("reading the power state", no_power_state()))?;
    let mut seen = Observed { power_state: Some(state), ..Observed::default() };
    let observed = task.interfaces.management.observe(&task.view).await;
    match observed {
        Ok(observed) => {
            add(&mut seen, observed);
            add(&mut seen, read_settings(task).await);
            Ok(seen)
        }
        Err(error) => Err(task.failed("reading vendor, boot mode and health", error).saw(seen)),
    }
}

fn no_power_state() -> HardwareError {
    HardwareError::new(
        HardwareErrorKind::Nonsense,
        code::POWER_STATE_UNKNOWN,
        "the BMC answers but does not know the power state",
        "look at the BMC's own page whether it is healthy; resetting the BMC often helps",
    )
}
