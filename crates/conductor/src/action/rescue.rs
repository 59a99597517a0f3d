//! Rescue and its end.

use crate::reporter::Ending;
use crate::task::{Halt, RunningTask};
use ferric_model::lifecycle::Event;

/// Lets the node run a system in which it can be repaired.
pub async fn rescue(task: &mut RunningTask) -> Result<Ending, Halt> {
    let checked = task.interfaces.rescue.validate(&task.view.node);
    checked.map_err(|error| task.failed("checking the node before its rescue", error))?;
    let rescued = task.interfaces.rescue.rescue(&task.view).await;
    let seen = rescued.map_err(|error| task.failed(task.doing(), error))?;
    Ok(Ending::succeeded(Some(Event::Done), seen))
}

/// Gives the node back to its instance.
pub async fn unrescue(task: &mut RunningTask) -> Result<Ending, Halt> {
    let returned = task.interfaces.rescue.unrescue(&task.view).await;
    let seen = returned.map_err(|error| task.failed(task.doing(), error))?;
    Ok(Ending::succeeded(Some(Event::Done), seen))
}
