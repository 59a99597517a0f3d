//! Rebooting a node in the middle of a step.

use ferric_hardware::{HardwareError, NodeInterfaces, StepOutcome, TaskView};
use ferric_model::power::PowerTarget;
use ferric_model::report::Observed;
use std::time::Duration;

/// How long the power may take.
const POWER_TIMEOUT: Duration = Duration::from_secs(300);

/// Reboots the node and goes on with the step: by way of the ramdisk where that runs, for it is to run again; else here.
///
/// `notes` must say that the node was rebooted. Lost in between, the node is rebooted once more, which does no harm.
pub(super) async fn reboot(
    task: &TaskView,
    interfaces: &NodeInterfaces,
    notes: Observed,
) -> Result<StepOutcome, HardwareError> {
    if task.agent_url().is_some() {
        return Ok(StepOutcome::RebootAndResume(notes));
    }
    let power_state = interfaces.power.set_power_state(task, PowerTarget::Reboot, POWER_TIMEOUT).await?;
    Ok(StepOutcome::Again(Observed { power_state: Some(power_state), ..notes }))
}
