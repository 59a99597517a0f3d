//! Virtual media: read the devices, insert an image, eject.

use crate::reporter::Ending;
use crate::task::{Halt, RunningTask};
use ferric_model::task::params;
use serde_json::json;

/// Reads the devices; the caller waits for the answer.
pub async fn get_virtual_media(task: &mut RunningTask) -> Result<Ending, Halt> {
    let read = task.interfaces.management.get_virtual_media(&task.view).await;
    let devices = read.map_err(|error| task.failed("reading the virtual media devices", error))?;
    Ok(Ending::answer(json!(devices)))
}

/// Inserts an image.
pub async fn attach_virtual_media(task: &mut RunningTask) -> Result<Ending, Halt> {
    let media: params::AttachVirtualMedia = task.required_params()?;
    let attached = task.interfaces.management.attach_virtual_media(&task.view, &media).await;
    let seen = attached.map_err(|error| {
        task.failed(format!("attaching an image to a virtual {} device", media.device_type), error)
    })?;
    Ok(Ending::succeeded(None, seen))
}

/// Ejects what is in the devices.
pub async fn detach_virtual_media(task: &mut RunningTask) -> Result<Ending, Halt> {
    let params: params::DetachVirtualMedia = task.params()?;
    let types = params.device_types.as_deref();
    let detached = task.interfaces.management.detach_virtual_media(&task.view, types).await;
    let seen = detached.map_err(|error| task.failed("detaching virtual media", error))?;
    Ok(Ending::succeeded(None, seen))
}
