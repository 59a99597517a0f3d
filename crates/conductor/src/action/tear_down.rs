//! Tear down: undo the deployment, then clean.

use super::clean::clean_with;
use crate::engine::abandon_ramdisk;
use crate::observation::add;
use crate::reporter::Ending;
use crate::task::{Halt, RunningTask};
use ferric_model::action::Action;
use ferric_model::lifecycle::{Event, ProvisionState};
use ferric_model::report::Observed;
use ferric_model::task::params;

/// Undoes the deployment and cleans the node, in one task.
pub async fn tear_down(task: &mut RunningTask) -> Result<Ending, Halt> {
    let params: params::TearDown = task.params()?;
    if task.view.node.state() == ProvisionState::Deleting {
        let mut seen = end_uses(task, params.rescued).await;
        let torn_down = task.interfaces.deploy.tear_down(&task.view, &task.interfaces).await;
        match torn_down {
            Ok(observed) => add(&mut seen, observed),
            Err(error) => return Err(task.failed("undoing the deployment", error).saw(seen)),
        }
        // Before the node is given to anybody else. The control plane forgets the VIFs with the instance.
        match task.interfaces.network.disconnect_vifs(&task.view).await {
            Ok(observed) => add(&mut seen, observed),
            Err(error) => return Err(task.failed("disconnecting the VIFs", error).saw(seen)),
        }
        task.report(Some(Event::Clean), seen).await?;
    }
    clean_with(task, params.clean).await
}

/// Ends what its users had beside the instance. Nothing of it may keep the node from being taken from them.
async fn end_uses(task: &RunningTask, rescued: bool) -> Observed {
    let mut seen = Observed::default();
    if rescued {
        match task.interfaces.rescue.unrescue(&task.view).await {
            Ok(observed) => add(&mut seen, observed),
            Err(error) => tracing::warn!(%error, "the rescue could not be ended"),
        }
        if task.interfaces.rescue.boots_ramdisk(&task.view.node) {
            add(&mut seen, abandon_ramdisk(task, Action::Rescue).await);
        }
    }
    if task.view.node.status.console_enabled {
        match task.interfaces.console.stop_console(&task.view).await {
            Ok(observed) => {
                add(&mut seen, observed);
                seen.console_enabled = Some(false);
            }
            Err(error) => tracing::warn!(%error, "the console could not be stopped"),
        }
    }
    seen
}
