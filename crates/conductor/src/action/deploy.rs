//! Deploy: the steps that put an image onto the node, and what follows when one fails.

use crate::engine::{Flow, Phase, Turn, Wanted, abandon_ramdisk, run};
use crate::observation::add;
use crate::reporter::Ending;
use crate::task::{Halt, RunningTask};
use ferric_model::action::Action;
use ferric_model::lifecycle::Event;
use ferric_model::power::PowerTarget;
use ferric_model::report::Observed;
use ferric_model::step::StepKind;
use ferric_model::task::params;

/// Deploys the node.
pub async fn deploy(task: &mut RunningTask) -> Result<Ending, Halt> {
    match work(task).await {
        Err(Halt::Failed(mut failed)) => {
            let seen = clean_up(task).await;
            add(&mut failed.observed, seen);
            Err(Halt::Failed(failed))
        }
        ended => ended,
    }
}

async fn work(task: &mut RunningTask) -> Result<Ending, Halt> {
    let params: params::Deploy = task.params()?;
    if task.progress.phase == Phase::Prepare {
        validate(task)?;
    }
    let flow = Flow {
        kind: StepKind::Deploy,
        wanted: Wanted::ByPriority(params.steps),
        boots_first: false,
        may_use_agent: task.interfaces.deploy.uses_ramdisk(StepKind::Deploy, &task.view.node),
        without_ramdisk: false,
        timeout_secs: task.config.callback_timeouts.deploy,
    };
    match run(task, &flow).await? {
        Turn::Parked(ending) => Ok(ending),
        Turn::Finished(seen) => Ok(Ending::succeeded(Some(Event::Done), seen)),
    }
}

fn validate(task: &RunningTask) -> Result<(), Halt> {
    let node = &task.view.node;
    let interfaces = &task.interfaces;
    let checked = interfaces.power.validate(node);
    let checked = match interfaces.deploy.uses_ramdisk(StepKind::Deploy, node) {
        true => checked.and_then(|()| interfaces.boot.validate(node)),
        false => checked,
    };
    let checked = checked.and_then(|()| interfaces.deploy.validate(node));
    checked.map_err(|error| task.failed("checking the node before the deployment", error))
}

/// Best effort: a node whose deployment failed is switched off and does not boot the ramdisk any more.
async fn clean_up(task: &RunningTask) -> Observed {
    let mut seen = Observed::default();
    if !task.progress.ramdisk {
        return seen;
    }
    if task.config.power_off_after_deploy_failure && !task.view.node.spec.disable_power_off {
        match task.set_power(PowerTarget::Off).await {
            Ok(state) => seen.power_state = Some(state),
            Err(halt) => tracing::warn!(?halt, "the node could not be switched off after the failure"),
        }
    }
    add(&mut seen, abandon_ramdisk(task, Action::Deploy).await);
    seen
}
