//! VIFs: attach one, detach one; the caller waits for the answer.

use crate::reporter::Ending;
use crate::task::{Halt, RunningTask};
use ferric_hardware::HardwareError;
use ferric_model::report::Observed;
use ferric_model::task::params;
use serde_json::json;

/// Attaches a VIF.
pub async fn attach_vif(task: &mut RunningTask) -> Result<Ending, Halt> {
    let params: params::AttachVif = task.required_params()?;
    let network = &task.interfaces.network;
    let done = match network.validate(&task.view.node) {
        Ok(()) => network.attach_vif(&task.view, &params).await,
        Err(error) => Err(error),
    };
    answer(task, format!("attaching VIF {}", params.vif), done)
}

/// Detaches a VIF.
pub async fn detach_vif(task: &mut RunningTask) -> Result<Ending, Halt> {
    let params: params::DetachVif = task.required_params()?;
    let done = task.interfaces.network.detach_vif(&task.view, &params.vif).await;
    answer(task, format!("detaching VIF {}", params.vif), done)
}

fn answer(task: &RunningTask, doing: String, done: Result<Observed, HardwareError>) -> Result<Ending, Halt> {
    let observed = done.map_err(|error| task.failed(doing, error))?;
    Ok(Ending { observed, ..Ending::answer(json!({})) })
}
