//! Service: the steps that somebody chose for a deployed node, which runs its instance again afterwards.

use super::after_failure;
use super::clean::need_ramdisk;
use super::instance::boot_instance;
use super::settings::read_settings;
use crate::engine::{Flow, Turn, Wanted, abandon_ramdisk, leave_ramdisk, run};
use crate::observation::add;
use crate::reporter::Ending;
use crate::task::{Failed, Halt, RunningTask};
use ferric_model::action::Action;
use ferric_model::lifecycle::{Event, ProvisionState};
use ferric_model::step::StepKind;
use ferric_model::task::params;

/// Services the node.
pub async fn service(task: &mut RunningTask) -> Result<Ending, Halt> {
    if task.view.node.state() == ProvisionState::ServiceFailed {
        return Ok(after_failure::wait(task));
    }
    match work(task).await {
        Err(Halt::Failed(failed)) => match after_failure::decide(task, &failed) {
            Some(wait) => after_failure::tell(task, *failed, wait).await,
            None => Err(Halt::Failed(give_up(task, failed).await)),
        },
        ended => ended,
    }
}

/// The power stays as it is, for a look at what the ramdisk shows.
async fn give_up(task: &RunningTask, mut failed: Box<Failed>) -> Box<Failed> {
    if task.progress.ramdisk {
        add(&mut failed.observed, abandon_ramdisk(task, Action::Service).await);
    }
    failed
}

async fn work(task: &mut RunningTask) -> Result<Ending, Halt> {
    let params: params::Service = task.params()?;
    let node = &task.view.node;
    let may_use_agent =
        !params.disable_ramdisk && task.interfaces.deploy.uses_ramdisk(StepKind::Service, node);
    let flow = Flow {
        kind: StepKind::Service,
        boots_first: may_use_agent && need_ramdisk(task, StepKind::Service, &params.steps),
        may_use_agent,
        without_ramdisk: params.disable_ramdisk,
        wanted: Wanted::InOrder(params.steps),
        timeout_secs: task.config.callback_timeouts.service,
    };
    match run(task, &flow).await? {
        Turn::Parked(ending) => Ok(ending),
        Turn::Finished(mut seen) => {
            if task.progress.ramdisk {
                add(&mut seen, leave_ramdisk(task).await?);
                add(&mut seen, boot_instance(task).await?);
            }
            add(&mut seen, read_settings(task).await);
            Ok(Ending::succeeded(Some(Event::Done), seen))
        }
    }
}
