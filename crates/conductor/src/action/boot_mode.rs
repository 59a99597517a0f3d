//! Boot mode and secure boot: how the firmware starts what it boots.

use crate::reporter::Ending;
use crate::task::{Halt, RunningTask};
use ferric_model::task::params;

/// Changes the boot mode.
pub async fn set_boot_mode(task: &mut RunningTask) -> Result<Ending, Halt> {
    let params: params::BootMode = task.required_params()?;
    let set = task.interfaces.management.set_boot_mode(&task.view, &params.target).await;
    let mut seen =
        set.map_err(|error| task.failed(format!("changing the boot mode to '{}'", params.target), error))?;
    seen.boot_mode = Some(params.target);
    Ok(Ending::succeeded(None, seen))
}

/// Switches secure boot.
pub async fn set_secure_boot(task: &mut RunningTask) -> Result<Ending, Halt> {
    let params: params::SecureBoot = task.required_params()?;
    let set = task.interfaces.management.set_secure_boot(&task.view, params.target).await;
    let word = if params.target { "on" } else { "off" };
    let mut seen = set.map_err(|error| task.failed(format!("switching secure boot {word}"), error))?;
    seen.secure_boot = Some(params.target);
    Ok(Ending::succeeded(None, seen))
}
