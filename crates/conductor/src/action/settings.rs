//! Reading BIOS settings and firmware versions, on the side of something else.

use crate::task::RunningTask;
use ferric_model::report::Observed;

/// Reads what the node's interfaces can tell; what cannot be read is logged and left as it is known.
pub async fn read_settings(task: &RunningTask) -> Observed {
    let mut seen = Observed::default();
    match task.interfaces.bios.read_settings(&task.view).await {
        Ok(settings) => seen.bios = settings,
        Err(error) => tracing::warn!(%error, "the BIOS settings could not be read"),
    }
    match task.interfaces.firmware.read_components(&task.view).await {
        Ok(components) => seen.firmware = components,
        Err(error) => tracing::warn!(%error, "the firmware versions could not be read"),
    }
    seen
}
