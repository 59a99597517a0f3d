//! From step to step.

use super::boot::{boot_installer, boot_ramdisk, has_agent, park, runs_already, use_running};
use super::errand::on_children;
use super::execute::{execute, go_on, look, take_over};
use super::pause::Pause;
use super::plan::{Plan, plan, replan};
use super::{Flow, Phase, Stage, Turn, Wanted};
use crate::observation::add;
use crate::reporter::Ending;
use crate::task::{Halt, RunningTask};
use ferric_hardware::{HardwareError, HardwareErrorKind, StepOutcome};
use ferric_model::failure::code;
use ferric_model::report::Observed;
use ferric_model::step::{Step, StepKind};
use serde_json::Value;

/// How often in a row an agent that was heard of may fail to answer.
const MOST_FAILED_LOOKS: u32 = 3;

/// How often the agent may turn out to be another one than the steps were planned with.
const MOST_REPLANS: u32 = 3;

/// Runs or goes on with the steps of a task, until it must wait or every step is done.
///
/// What comes next is reported before it is done, and what was done is reported before anything else is: whoever takes
/// the task over knows what may have happened.
pub async fn run(task: &mut RunningTask, flow: &Flow) -> Result<Turn, Halt> {
    task.progress.kind = Some(flow.kind);
    let mut seen = Observed::default();
    if task.progress.phase == Phase::Prepare
        && let Some(parked) = prepare(task, flow, &mut seen).await?
    {
        return Ok(Turn::Parked(parked));
    }
    while let Some(step) = task.progress.current().cloned() {
        if let Some(only) = &step.on_children {
            match on_children(task, flow, &step, only, std::mem::take(&mut seen)).await? {
                Some(parked) => return Ok(Turn::Parked(parked)),
                None => task.progress.advance(),
            }
            continue;
        }
        if let Some(pause) = Pause::of(&step) {
            match pause.keep(task, flow, &step, std::mem::take(&mut seen)).await? {
                Some(parked) => return Ok(Turn::Parked(parked)),
                None => task.progress.advance(),
            }
            continue;
        }
        let moved = match one_step(task, flow, &step, &mut seen).await {
            Ok(moved) => moved,
            Err(halt) if is_mismatch(&halt) && task.progress.replans < MOST_REPLANS => {
                if let Err(halt) = plan_anew(task, flow, &mut seen).await {
                    return Err(halt.saw(seen));
                }
                continue;
            }
            Err(halt) => return Err(halt.saw(seen)),
        };
        match moved {
            Some(StepOutcome::Done(observed)) => {
                add(&mut seen, observed);
                task.progress.advance();
            }
            Some(StepOutcome::Wait(observed)) => {
                task.progress.stage = Stage::AwaitingAgent;
                add(&mut seen, observed);
                return park(task, seen, flow.timeout_secs).map(Turn::Parked);
            }
            Some(StepOutcome::Again(observed)) => {
                task.progress.stage = Stage::Underway;
                add(&mut seen, observed);
                task.report(task.resume_event(), std::mem::take(&mut seen)).await?;
            }
            // Whatever the step forgot of the agent is known again: it is the one that goes on.
            Some(StepOutcome::BootRamdisk(_)) if runs_already(task) => use_running(task),
            Some(StepOutcome::BootRamdisk(observed) | StepOutcome::Reboot(observed)) => {
                add(&mut seen, observed);
                return boot_ramdisk(task, seen, flow.timeout_secs).await.map(Turn::Parked);
            }
            Some(StepOutcome::RebootAndResume(observed)) => {
                task.progress.resumes = true;
                add(&mut seen, observed);
                return boot_ramdisk(task, seen, flow.timeout_secs).await.map(Turn::Parked);
            }
            Some(StepOutcome::BootInstaller(observed)) => {
                add(&mut seen, observed);
                return boot_installer(task, seen, flow.timeout_secs).await.map(Turn::Parked);
            }
            None => return park(task, seen, flow.timeout_secs).map(Turn::Parked),
        }
    }
    if task.progress.phase == Phase::Finish {
        return Ok(Turn::Finished(seen));
    }
    finish(task, flow, seen).await
}

/// Boots the ramdisk if the flow begins with it, then plans the steps.
async fn prepare(task: &mut RunningTask, flow: &Flow, seen: &mut Observed) -> Result<Option<Ending>, Halt> {
    if flow.boots_first && runs_already(task) {
        use_running(task);
    }
    if flow.boots_first && (task.progress.stage != Stage::AwaitingRamdisk || task.is_to_boot_again()) {
        return boot_ramdisk(task, Observed::default(), flow.timeout_secs).await.map(Some);
    }
    if flow.boots_first {
        match ask_agent(task, flow).await? {
            Some(steps) => adopt(task, flow, offered(task, flow, steps), seen)?,
            None => return park(task, Observed::default(), flow.timeout_secs).map(Some),
        }
    } else {
        adopt(task, flow, offered(task, flow, Vec::new()), seen)?;
    }
    task.progress.phase = Phase::Steps;
    task.progress.stage = Stage::Pending;
    Ok(None)
}

/// One step, from wherever it stands; none when nothing is known yet and the task waits as before.
async fn one_step(
    task: &mut RunningTask,
    flow: &Flow,
    step: &Step,
    seen: &mut Observed,
) -> Result<Option<StepOutcome>, Halt> {
    match task.progress.stage {
        Stage::Pending => {
            begin(task, flow, step, std::mem::take(seen)).await?;
            execute(task, flow, step).await.map(Some)
        }
        Stage::Started => take_over(task, flow, step).await.map(Some),
        Stage::Underway => go_on(task, flow, step).await.map(Some),
        Stage::Booting => Ok(Some(StepOutcome::BootRamdisk(Observed::default()))),
        Stage::AwaitingRamdisk if task.is_to_boot_again() => {
            Ok(Some(StepOutcome::BootRamdisk(Observed::default())))
        }
        Stage::AwaitingRamdisk if task.progress.resumes && has_agent(task) => {
            task.progress.resumes = false;
            task.progress.stage = Stage::Underway;
            go_on(task, flow, step).await.map(Some)
        }
        // The interface says anew what is known of an installation that begins.
        Stage::BootingInstaller => execute(task, flow, step).await.map(Some),
        Stage::AwaitingAgent if task.is_to_boot_again() => execute(task, flow, step).await.map(Some),
        Stage::AwaitingRamdisk if flow.may_use_agent && !task.progress.agent_steps_known => {
            let Some(steps) = ask_agent(task, flow).await? else { return Ok(None) };
            let done = &task.progress.steps[..=task.progress.cursor];
            let plan = replan(done, offered(task, flow, steps));
            adopt(task, flow, plan, seen)?;
            Ok(Some(StepOutcome::done()))
        }
        Stage::AwaitingRamdisk if has_agent(task) => Ok(Some(StepOutcome::done())),
        // Only steps for other nodes wait for them.
        Stage::AwaitingRamdisk | Stage::AwaitingErrand => Ok(None),
        Stage::AwaitingAgent => match look(task, flow, step).await {
            Ok(outcome) => {
                task.progress.failed_looks = 0;
                Ok(Some(outcome))
            }
            Err(error) => be_patient(task, error).map(|()| None),
        },
    }
}

/// Whether the agent has other hardware managers than it had when it told its steps.
fn is_mismatch(halt: &Halt) -> bool {
    matches!(halt, Halt::Failed(failed) if failed.failure.code == code::AGENT_VERSION_MISMATCH)
}

/// Asks the agent for its steps again. Automated cleaning starts over with them, for what was done was done by other managers;
/// everything else goes on with the present step.
///
/// Source: `contract: agent-protocol` section 6, "*VERSION_MISMATCH".
async fn plan_anew(task: &mut RunningTask, flow: &Flow, seen: &mut Observed) -> Result<(), Halt> {
    tracing::info!(replans = task.progress.replans, "the agent's hardware managers changed, planning anew");
    let asked = task.interfaces.deploy.agent_steps(&task.view, flow.kind).await;
    let steps = asked.map_err(|error| task.failed(task.doing(), error))?;
    let fresh = offered(task, flow, steps);
    let cursor = task.progress.cursor;
    let plan = match &flow.wanted {
        Wanted::ByPriority(_) if flow.kind == StepKind::Clean => {
            task.progress.cursor = 0;
            fresh
        }
        Wanted::ByPriority(_) => replan(&task.progress.steps[..cursor], fresh),
        Wanted::InOrder(_) => fresh,
    };
    task.progress.replans += 1;
    task.progress.stage = Stage::Pending;
    adopt(task, flow, plan, seen)
}

/// Shows the step as the running one and says that it begins; ends a wait.
async fn begin(task: &mut RunningTask, flow: &Flow, step: &Step, mut seen: Observed) -> Result<(), Halt> {
    show(task, flow, step, &mut seen);
    task.report(task.resume_event(), seen).await
}

/// Notes that the step begins, for the next report.
pub(super) fn show(task: &mut RunningTask, flow: &Flow, step: &Step, seen: &mut Observed) {
    task.progress.stage = Stage::Started;
    task.progress.started_at = Some(task.clock.now());
    if flow.kind != StepKind::Verify {
        seen.step = Some(Some((flow.kind, step.clone())));
    }
    let index = format!("{}_step_index", flow.kind.as_str());
    seen.driver_internal_info.insert(index, task.progress.cursor.into());
    tracing::info!(step = step.label(), cursor = task.progress.cursor, "step begins");
}

/// Every step is done. A wait is ended first, for only a node that is worked on can be done.
async fn finish(task: &mut RunningTask, flow: &Flow, mut seen: Observed) -> Result<Turn, Halt> {
    if !task.progress.agent_steps_known {
        refuse_unknown(task, flow.kind, &offered(task, flow, Vec::new()))?;
    }
    task.progress.phase = Phase::Finish;
    task.progress.stage = Stage::Pending;
    seen.step = Some(None);
    for key in ["steps", "step_index"] {
        seen.driver_internal_info.insert(format!("{}_{key}", flow.kind.as_str()), Value::Null);
    }
    if task.progress.ramdisk || task.view.node.state().is_waiting() {
        task.report(task.resume_event(), std::mem::take(&mut seen)).await?;
    }
    Ok(Turn::Finished(seen))
}

/// The agent's steps; none when it was not heard of or does not answer yet.
async fn ask_agent(task: &mut RunningTask, flow: &Flow) -> Result<Option<Vec<Step>>, Halt> {
    if !has_agent(task) {
        return Ok(None);
    }
    match task.interfaces.deploy.agent_steps(&task.view, flow.kind).await {
        Ok(steps) => {
            task.progress.agent_steps_known = true;
            task.progress.failed_looks = 0;
            Ok(Some(steps))
        }
        Err(error) => be_patient(task, error).map(|()| None),
    }
}

/// An agent that was heard of but does not answer is given a few more chances, at its next heartbeats.
fn be_patient(task: &mut RunningTask, error: HardwareError) -> Result<(), Halt> {
    if !error.retryable() || task.progress.failed_looks >= MOST_FAILED_LOOKS {
        return Err(task.failed(task.doing(), error));
    }
    task.progress.failed_looks += 1;
    tracing::warn!(%error, failed_looks = task.progress.failed_looks, "the agent does not answer yet");
    Ok(())
}

fn offered(task: &RunningTask, flow: &Flow, mut agent_steps: Vec<Step>) -> Plan {
    let mut own = task.interfaces.steps(flow.kind, &task.view.node);
    for step in own.iter_mut().chain(&mut agent_steps) {
        if let Some(priority) = task.config.step_priorities.of(flow.kind, step) {
            step.priority = priority;
        }
    }
    plan(flow.kind, &flow.wanted, own, agent_steps)
}

/// Takes a plan on. What nobody offers may still be offered by an agent that was not asked yet.
fn adopt(task: &mut RunningTask, flow: &Flow, plan: Plan, seen: &mut Observed) -> Result<(), Halt> {
    if task.progress.agent_steps_known || !flow.may_use_agent {
        refuse_unknown(task, flow.kind, &plan)?;
    }
    for step in &plan.steps {
        task.interfaces.check_args(step).map_err(|error| task.failed(task.doing(), error))?;
    }
    if flow.without_ramdisk {
        refuse_ramdisk(task, flow.kind, &plan)?;
    }
    let documents: Vec<Value> = plan.steps.iter().map(|step| step.document().into()).collect();
    seen.driver_internal_info.insert(format!("{}_steps", flow.kind.as_str()), documents.into());
    task.progress.steps = plan.steps;
    Ok(())
}

fn refuse_unknown(task: &RunningTask, kind: StepKind, plan: &Plan) -> Result<(), Halt> {
    if plan.unknown.is_empty() {
        return Ok(());
    }
    let kind = kind.as_str();
    let error = HardwareError::new(
        HardwareErrorKind::InvalidParameter,
        code::STEP_UNKNOWN,
        format!(
            "Cannot {kind} node {}: node does not support this {kind} step: {}; neither its interfaces nor its agent have it",
            task.view.node.uuid,
            plan.unknown.join(", ")
        ),
        "correct the names, or use interfaces or a ramdisk that have these steps",
    );
    Err(task.failed(task.doing(), error))
}

fn refuse_ramdisk(task: &RunningTask, kind: StepKind, plan: &Plan) -> Result<(), Halt> {
    let needy: Vec<String> =
        plan.steps.iter().filter(|step| step.requires_ramdisk).map(Step::label).collect();
    if needy.is_empty() {
        return Ok(());
    }
    let kind = kind.as_str();
    let error = HardwareError::new(
        HardwareErrorKind::InvalidParameter,
        code::STEP_NEEDS_RAMDISK,
        format!(
            "Cannot {kind} node {}: {kind} step {} requires booting a ramdisk",
            task.view.node.uuid,
            needy.join(", ")
        ),
        "leave these steps out, or leave the ramdisk enabled",
    );
    Err(task.failed(task.doing(), error))
}
