//! Tear down: undo the deployment, then clean.

use super::clean::clean_with;
use crate::observation::add;
use crate::reporter::Ending;
use crate::task::{Halt, RunningTask};
use ferric_model::lifecycle::{Event, ProvisionState};

/// Undoes the deployment and cleans the node, in one task.
pub async fn tear_down(task: &mut RunningTask) -> Result<Ending, Halt> {
    let params = task.params()?;
    if task.view.node.state() == ProvisionState::Deleting {
        let torn_down = task.interfaces.deploy.tear_down(&task.view, &task.interfaces).await;
        let mut seen = torn_down.map_err(|error| task.failed("undoing the deployment", error))?;
        // Before the node is given to anybody else. The control plane forgets the VIFs with the instance.
        match task.interfaces.network.disconnect_vifs(&task.view).await {
            Ok(observed) => add(&mut seen, observed),
            Err(error) => return Err(task.failed("disconnecting the VIFs", error).saw(seen)),
        }
        task.report(Some(Event::Clean), seen).await?;
    }
    clean_with(task, params).await
}
