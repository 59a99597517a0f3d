//! Power: reach a power state.

use crate::reporter::Ending;
use crate::task::{Halt, RunningTask};
use ferric_hardware::HardwareError;
use ferric_model::power::PowerTarget;
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
    let soft = matches!(params.target, PowerTarget::SoftOff | PowerTarget::SoftReboot);
    let configured = if soft { task.config.soft_power_timeout_secs } else { task.config.power_timeout_secs };
    let timeout = Duration::from_secs(params.timeout_secs.unwrap_or(configured));
    let reached = task.interfaces.power.set_power_state(&task.view, params.target, timeout).await;
    let state = reached.map_err(|error| task.failed(doing, error))?;
    Ok(Ending::succeeded(None, Observed { power_state: Some(state), ..Observed::default() }))
}
