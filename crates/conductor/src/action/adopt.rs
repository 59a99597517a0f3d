//! Adopt: take over a node that runs what somebody else deployed. Nothing on it is changed.

use crate::reporter::Ending;
use crate::task::{Halt, RunningTask};
use ferric_model::lifecycle::Event;
use ferric_model::report::Observed;

/// Checks that the node could have been deployed as it is described, and reads its power state.
pub async fn adopt(task: &mut RunningTask) -> Result<Ending, Halt> {
    let node = &task.view.node;
    let interfaces = &task.interfaces;
    let checked = interfaces.power.validate(node).and_then(|()| interfaces.deploy.validate(node));
    checked.map_err(|error| task.failed("checking the node before its adoption", error))?;
    let read = interfaces.power.get_power_state(node).await;
    let power_state = read.map_err(|error| task.failed("reading the power state", error))?;
    Ok(Ending::succeeded(Some(Event::Done), Observed { power_state, ..Observed::default() }))
}
