//! Clean: automated by priority, or the steps that somebody chose.

use super::settings::read_settings;
use crate::engine::{Flow, Turn, Wanted, abandon_ramdisk, leave_ramdisk, run};
use crate::observation::add;
use crate::reporter::Ending;
use crate::task::{Halt, RunningTask};
use ferric_model::action::Action;
use ferric_model::lifecycle::cleaning_success;
use ferric_model::report::Observed;
use ferric_model::step::{RESERVED_STEPS, Step, StepKind};
use ferric_model::task::params;

/// Cleans the node.
pub async fn clean(task: &mut RunningTask) -> Result<Ending, Halt> {
    let params = task.params()?;
    clean_with(task, params).await
}

/// The same, also as the end of tearing down.
pub async fn clean_with(task: &mut RunningTask, params: params::Clean) -> Result<Ending, Halt> {
    if !params.enabled {
        return Ok(succeeded(task, Observed::default()));
    }
    match work(task, params).await {
        // The power stays as it is, for a look at what the ramdisk shows.
        Err(Halt::Failed(mut failed)) if task.progress.ramdisk => {
            add(&mut failed.observed, abandon_ramdisk(task, Action::Clean).await);
            Err(Halt::Failed(failed))
        }
        ended => ended,
    }
}

async fn work(task: &mut RunningTask, params: params::Clean) -> Result<Ending, Halt> {
    let node = &task.view.node;
    let may_use_agent = !params.disable_ramdisk && task.interfaces.deploy.uses_ramdisk(StepKind::Clean, node);
    let needs_ramdisk =
        params.steps.as_deref().is_none_or(|steps| need_ramdisk(task, StepKind::Clean, steps));
    let flow = Flow {
        kind: StepKind::Clean,
        wanted: params.steps.map_or_else(|| Wanted::ByPriority(Vec::new()), Wanted::InOrder),
        boots_first: may_use_agent && needs_ramdisk,
        may_use_agent,
        without_ramdisk: params.disable_ramdisk,
        timeout_secs: task.config.callback_timeouts.clean,
    };
    match run(task, &flow).await? {
        Turn::Parked(ending) => Ok(ending),
        Turn::Finished(mut seen) => {
            if task.progress.ramdisk {
                add(&mut seen, leave_ramdisk(task).await?);
            }
            add(&mut seen, read_settings(task).await);
            Ok(succeeded(task, seen))
        }
    }
}

/// Whether one of the chosen steps needs the ramdisk: of their own steps the interfaces know, the others are the agent's.
pub(super) fn need_ramdisk(task: &RunningTask, kind: StepKind, chosen: &[Step]) -> bool {
    let own = task.interfaces.steps(kind, &task.view.node);
    chosen.iter().filter(|step| step.on_children.is_none()).any(|step| {
        let known = own.iter().find(|known| known.label() == step.label());
        match known {
            Some(known) => known.requires_ramdisk,
            None => !RESERVED_STEPS.contains(&step.step.as_str()),
        }
    })
}

fn succeeded(task: &RunningTask, seen: Observed) -> Ending {
    let node = &task.view.node;
    Ending::succeeded(Some(cleaning_success(node.provision, node.retired)), seen)
}
