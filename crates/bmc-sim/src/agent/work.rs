//! Carries out commands that take time, one after the other.

use serde_json::{Value, json};

use super::command::{CommandError, Run, Work};
use super::registry::{Agent, Job};
use super::steps::{self, Effect, StepKind};
use super::write_image;
use crate::fault::{FaultKind, Subject};
use crate::state::Counters;

pub(super) async fn perform(agent: &Agent, job: Job) {
    let Run::Later(work) = job.command.run else { return };
    let outcome = match work {
        Work::Step(kind) => perform_step(agent, kind, &job).await,
        _ => match strike(agent, &[job.command.name, job.command.short_name()], true) {
            Some(message) => Err(CommandError::execution(message)),
            None => perform_command(agent, work, &job.params).await,
        },
    };
    let uptime = agent.uptime();
    tracing::info!(
        server = uptime.index,
        command = job.command.name,
        failed = outcome.is_err(),
        "command over"
    );
    let succeeded = outcome.is_ok();
    agent.finish(job.id, outcome);
    match work {
        Work::Power(kind) if succeeded => uptime.power(kind),
        Work::Lockdown if succeeded => agent.leave(),
        _ => {}
    }
}

async fn perform_command(agent: &Agent, work: Work, params: &Value) -> Result<Value, CommandError> {
    match work {
        Work::WriteImage => write_image::write(agent, params).await.map(Value::String),
        Work::InstallBootloader => {
            pause(agent).await;
            let installed = agent.uptime().update(|live| match &mut live.state.disk {
                Some(disk) => {
                    disk.bootloader_installed = true;
                    true
                }
                None => false,
            });
            if installed == Some(false) {
                return Err(CommandError::execution("no root device: the disk holds no image"));
            }
            Ok(Value::Null)
        }
        Work::Step(_) | Work::Power(_) | Work::Lockdown => {
            pause(agent).await;
            Ok(Value::Null)
        }
    }
}

async fn perform_step(agent: &Agent, kind: StepKind, job: &Job) -> Result<Value, CommandError> {
    let params = &job.params;
    if steps::is_outdated(kind, params) {
        let error = CommandError::new("VersionMismatch", "The step list is outdated", "list the steps again");
        return Err(CommandError { version_mismatch: true, ..error });
    }
    let Some(step) = steps::find_step(kind, params) else {
        return Err(CommandError::params(format!("there is no such {} step", kind.as_str())));
    };
    agent.uptime().update(|live| Counters::count(&mut live.state.counters.steps, step.name));
    let outcome = match strike(agent, &[step.name, job.command.name, job.command.short_name()], false) {
        Some(message) => {
            pause(agent).await;
            Err(message)
        }
        None => apply(agent, step.effect, params).await,
    };
    let kind_name = kind.as_str();
    match outcome {
        Ok(result) => Ok(json!({
            format!("{kind_name}_result"): result,
            format!("{kind_name}_step"): params.get("step"),
        })),
        Err(message) => {
            agent.uptime().update(|live| Counters::count(&mut live.state.counters.failed_steps, step.name));
            let summary = format!("The {kind_name} step {} failed", step.name);
            Err(CommandError::new(kind.error_type(), summary, message))
        }
    }
}

async fn apply(agent: &Agent, effect: Effect, params: &Value) -> Result<Value, String> {
    let at = |pointer: &str| params.pointer(pointer).cloned().unwrap_or_default();
    match effect {
        Effect::Idle => pause(agent).await,
        Effect::EraseDisk => {
            pause(agent).await;
            agent.uptime().update(|live| live.state.disk = None);
        }
        Effect::MakeRaid => {
            pause(agent).await;
            let given = at("/step/args/raid_config");
            let wanted =
                if given.is_null() { at("/node/driver_internal_info/target_raid_config") } else { given };
            if wanted["logical_disks"].as_array().is_none_or(Vec::is_empty) {
                return Err("there is no target RAID configuration".to_owned());
            }
            return Ok(wanted);
        }
        Effect::WriteImage => {
            let written = write_image::write(agent, &at("/step/args")).await;
            return written
                .map(Value::String)
                .map_err(|error| format!("{}: {}: {}", error.kind, error.message, error.details));
        }
    }
    Ok(Value::Null)
}

/// Uses up a planted failure; those without a target mean steps only.
fn strike(agent: &Agent, names: &[&str], must_be_named: bool) -> Option<String> {
    let uptime = agent.uptime();
    let subject = Subject { method: "", path: if must_be_named { "command" } else { "" }, names };
    let wanted = |kind: &FaultKind| matches!(kind, FaultKind::AgentStepFails { .. });
    match uptime.fleet.faults.take(Some(uptime.index), &subject, wanted)? {
        FaultKind::AgentStepFails { message } => Some(message),
        _ => None,
    }
}

async fn pause(agent: &Agent) {
    let uptime = agent.uptime();
    tokio::time::sleep(uptime.fleet.jittered(uptime.index, uptime.fleet.config.step_delay, 0.8..1.2)).await;
}
