//! Boot device: read it, set it; the caller waits for the answer.

use crate::reporter::Ending;
use crate::task::{Halt, RunningTask};
use ferric_model::task::params;
use serde_json::json;

/// Reads the boot device.
pub async fn get_boot_device(task: &mut RunningTask) -> Result<Ending, Halt> {
    let read = task.interfaces.management.get_boot_device(&task.view).await;
    let device = read.map_err(|error| task.failed("reading the boot device", error))?;
    Ok(Ending::answer(json!({"boot_device": device.boot_device, "persistent": device.persistent})))
}

/// Sets the boot device.
pub async fn set_boot_device(task: &mut RunningTask) -> Result<Ending, Halt> {
    let params: params::BootDevice = task.required_params()?;
    let management = &task.interfaces.management;
    let set = management.set_boot_device(&task.view, &params.boot_device, params.persistent).await;
    let observed = set.map_err(|error| {
        task.failed(format!("setting the boot device to '{}'", params.boot_device), error)
    })?;
    Ok(Ending { observed, ..Ending::answer(json!({})) })
}
