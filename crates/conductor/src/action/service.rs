//! Service: the steps that somebody chose for a deployed node, which runs its instance again afterwards.

use super::clean::need_ramdisk;
use super::settings::read_settings;
use crate::engine::{Flow, Turn, Wanted, leave_ramdisk, run};
use crate::observation::add;
use crate::reporter::Ending;
use crate::task::{Halt, RunningTask};
use ferric_model::lifecycle::Event;
use ferric_model::power::PowerTarget;
use ferric_model::report::Observed;
use ferric_model::step::StepKind;
use ferric_model::task::params;

/// Services the node.
pub async fn service(task: &mut RunningTask) -> Result<Ending, Halt> {
    let ended = work(task).await;
    // The power stays as it is, for a look at what the ramdisk shows.
    if let Err(Halt::Failed(_)) = &ended
        && task.progress.ramdisk
        && let Err(error) = task.interfaces.boot.clean_up_ramdisk(&task.view).await
    {
        tracing::warn!(%error, "the ramdisk could not be taken away after the failure");
    }
    ended
}

async fn work(task: &mut RunningTask) -> Result<Ending, Halt> {
    let params: params::Service = task.params()?;
    let may_use_agent = !params.disable_ramdisk && task.interfaces.deploy.uses_ramdisk(StepKind::Service);
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

async fn boot_instance(task: &RunningTask) -> Result<Observed, Halt> {
    let prepared = task.interfaces.boot.prepare_instance(&task.view).await;
    let mut seen = prepared.map_err(|error| task.failed("booting the instance after the service", error))?;
    let may_be_off = !task.view.node.spec.disable_power_off;
    let target = if may_be_off { PowerTarget::On } else { PowerTarget::Reboot };
    seen.power_state = Some(task.set_power(target).await?);
    Ok(seen)
}
