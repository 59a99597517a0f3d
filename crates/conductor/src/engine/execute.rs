//! Carrying out one step, and finding out about one that was begun.

use super::plan::is_reserved;
use super::{Flow, Phase, Progress, Stage, Wanted};
use crate::task::{Halt, RunningTask};
use ferric_hardware::{HardwareError, HardwareErrorKind, StepOutcome};
use ferric_model::failure::code;
use ferric_model::power::PowerTarget;
use ferric_model::report::Observed;
use ferric_model::step::{Repeat, Step, StepKind};

/// Carries out one step by itself, outside of any flow, from wherever it stands.
///
/// **Errors**: also for a step that would have to wait for a ramdisk.
pub async fn alone(task: &mut RunningTask, kind: StepKind, step: &Step) -> Result<Observed, Halt> {
    let flow = Flow {
        kind,
        wanted: Wanted::InOrder(Vec::new()),
        boots_first: false,
        may_use_agent: false,
        without_ramdisk: true,
        timeout_secs: 0,
    };
    let known = task.interfaces.steps(kind, &task.view.node);
    let known = known.into_iter().find(|known| known.label() == step.label());
    let step = match known {
        Some(known) => Step { args: step.args.clone(), ..known },
        None if is_reserved(step) => step.clone(),
        None => {
            return Err(unsupported(task, &format!("the node's interfaces have no step {}", step.label())));
        }
    };
    let begun = task.progress.stage == Stage::Started;
    task.progress = Progress {
        phase: Phase::Steps,
        kind: Some(kind),
        steps: vec![step.clone()],
        stage: Stage::Started,
        started_at: Some(task.clock.now()),
        ..Progress::default()
    };
    let outcome = if begun {
        take_over(task, &flow, &step).await?
    } else {
        task.interfaces.check_args(&step).map_err(|error| task.failed(task.doing(), error))?;
        task.report(None, Observed::default()).await?;
        execute(task, &flow, &step).await?
    };
    match outcome {
        StepOutcome::Done(seen) => Ok(seen),
        _ => Err(unsupported(task, "the step needs a ramdisk, which a child node has none of")),
    }
}

/// Begins a step.
pub async fn execute(task: &RunningTask, flow: &Flow, step: &Step) -> Result<StepOutcome, Halt> {
    if is_reserved(step) {
        return reserved(task, step).await;
    }
    let begun = task.interfaces.execute(&task.view, flow.kind, step).await;
    begun.map_err(|error| task.failed(task.doing(), error))
}

/// Looks after a step that the agent works on.
pub async fn look(task: &RunningTask, flow: &Flow, step: &Step) -> Result<StepOutcome, HardwareError> {
    task.interfaces.resume(&task.view, flow.kind, step).await
}

/// Goes on with a step that stored what it did so far.
pub async fn go_on(task: &RunningTask, flow: &Flow, step: &Step) -> Result<StepOutcome, Halt> {
    look(task, flow, step).await.map_err(|error| task.failed(task.doing(), error))
}

/// Goes on with a step whose conductor was lost: the interface looks what is known of it before it does anything. A step
/// that must not run twice fails unless that look gives certainty.
pub async fn take_over(task: &RunningTask, flow: &Flow, step: &Step) -> Result<StepOutcome, Halt> {
    if is_reserved(step) {
        return reserved(task, step).await;
    }
    tracing::info!(step = step.label(), "taking over a step that was begun");
    look(task, flow, step).await.map_err(|error| {
        let error = if step.repeat == Repeat::Once { not_known(step, &error) } else { error };
        task.failed(task.doing(), error)
    })
}

fn not_known(step: &Step, error: &HardwareError) -> HardwareError {
    HardwareError::new(
        HardwareErrorKind::Unknown,
        code::STEP_OUTCOME_UNKNOWN,
        format!(
            "the conductor that ran {} was lost, and nobody can tell whether the step was done; it must not be done twice",
            step.label()
        ),
        "look at the node whether the step was done, then start over from where that leaves it",
    )
    .said(error.to_string())
}

/// Steps that the engine itself carries out.
async fn reserved(task: &RunningTask, step: &Step) -> Result<StepOutcome, Halt> {
    let target = match step.step.as_str() {
        "power_on" => PowerTarget::On,
        "power_off" if task.view.node.spec.disable_power_off => {
            return Err(unsupported(task, "the node's disable_power_off is set, it cannot be powered off"));
        }
        "power_off" => PowerTarget::Off,
        // The ramdisk of the flow is to run again afterwards.
        "reboot" if task.progress.ramdisk => return Ok(StepOutcome::Reboot(Observed::default())),
        "reboot" => PowerTarget::Reboot,
        other => return Err(unsupported(task, &format!("the step '{other}' is not supported yet"))),
    };
    let power_state = Some(task.set_power(target).await?);
    Ok(StepOutcome::Done(Observed { power_state, ..Observed::default() }))
}

fn unsupported(task: &RunningTask, what: &str) -> Halt {
    task.failed(task.doing(), HardwareError::unsupported(what))
}
