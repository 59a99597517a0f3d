//! Power: reach a power state.

use crate::engine::await_errand;
use crate::reporter::Ending;
use crate::task::{Halt, RunningTask};
use ferric_hardware::HardwareError;
use ferric_model::errand::{Errand, Relatives, depends_on_parent};
use ferric_model::power::{PowerState, PowerTarget};
use ferric_model::report::Observed;
use ferric_model::task::params;
use std::time::Duration;

/// Changes the power state.
pub async fn power(task: &mut RunningTask) -> Result<Ending, Halt> {
    let params: params::Power = task.required_params()?;
    let doing = format!("changing the power state to '{}'", params.target.as_str());
    if !task.interfaces.power.supported_targets().contains(&params.target) {
        let error = HardwareError::unsupported("the node's power interface does not support this");
        return Err(task.failed(doing, error));
    }
    if let Some(errand) = relatives_first(task, params.target)
        && let Some(waiting) = await_errand(task, errand)?
    {
        return Ok(waiting);
    }
    let soft = matches!(params.target, PowerTarget::SoftOff | PowerTarget::SoftReboot);
    let configured = if soft { task.config.soft_power_timeout_secs } else { task.config.power_timeout_secs };
    let timeout = Duration::from_secs(params.timeout_secs.unwrap_or(configured));
    let reached = task.interfaces.power.set_power_state(&task.view, params.target, timeout).await;
    let state = reached.map_err(|error| task.failed(doing, error))?;
    Ok(Ending::succeeded(None, Observed { power_state: Some(state), ..Observed::default() }))
}

/// What has to be done to other nodes before: a node inside another one has no power before that has, and loses it with it.
///
/// Source: `contract: state-machine` section 6, "Child nodes".
fn relatives_first(task: &RunningTask, target: PowerTarget) -> Option<Errand> {
    match target.final_state() {
        PowerState::On if depends_on_parent(&task.view.node) => {
            Some(Errand::power("parent on", Relatives::Parent, PowerTarget::On))
        }
        PowerState::Off if task.has_children => {
            Some(Errand::power("children off", Relatives::Children(Vec::new()), PowerTarget::Off))
        }
        _ => None,
    }
}
