//! The commands an agent knows, as a table.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Value, json};

use super::registry::Agent;
use super::steps::{self, StepKind};
use super::{inventory, logs};
use crate::fault::{FaultKind, Subject};
use crate::state::ResetType;

/// A command and how it is carried out.
#[derive(Debug)]
pub(super) struct Command {
    pub name: &'static str,
    pub run: Run,
}

#[derive(Debug)]
pub(super) enum Run {
    /// Answered within the request.
    Now(fn(&Agent, &Value) -> Result<Value, CommandError>),
    /// Carried out by the worker.
    Later(Work),
}

/// Work that takes time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    Step(StepKind),
    WriteImage,
    InstallBootloader,
    Power(ResetType),
    Lockdown,
}

/// Why a command failed, in the agent's form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct CommandError {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub code: u16,
    pub message: String,
    pub details: String,
    #[serde(skip)]
    pub version_mismatch: bool,
}

const COMMANDS: &[Command] = &[
    Command { name: "clean.get_clean_steps", run: Run::Now(|_, _| Ok(steps::list(StepKind::Clean))) },
    Command { name: "clean.execute_clean_step", run: Run::Later(Work::Step(StepKind::Clean)) },
    Command { name: "deploy.get_deploy_steps", run: Run::Now(|_, _| Ok(steps::list(StepKind::Deploy))) },
    Command { name: "deploy.execute_deploy_step", run: Run::Later(Work::Step(StepKind::Deploy)) },
    Command { name: "service.get_service_steps", run: Run::Now(|_, _| Ok(steps::list(StepKind::Service))) },
    Command { name: "service.execute_service_step", run: Run::Later(Work::Step(StepKind::Service)) },
    Command { name: "standby.prepare_image", run: Run::Later(Work::WriteImage) },
    Command { name: "standby.get_partition_uuids", run: Run::Now(partition_uuids) },
    Command { name: "standby.sync", run: Run::Now(|_, _| Ok(Value::Null)) },
    Command { name: "standby.power_off", run: Run::Later(Work::Power(ResetType::GracefulShutdown)) },
    Command { name: "standby.run_image", run: Run::Later(Work::Power(ResetType::GracefulRestart)) },
    Command { name: "image.install_bootloader", run: Run::Later(Work::InstallBootloader) },
    Command { name: "system.lockdown", run: Run::Later(Work::Lockdown) },
    Command { name: "rescue.finalize_rescue", run: Run::Now(finalize_rescue) },
    Command { name: "log.collect_system_logs", run: Run::Now(collect_logs) },
    Command { name: "poll.get_hardware_info", run: Run::Now(hardware_info) },
];

/// Looks a command up by its full name.
pub(super) fn find_command(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.name == name)
}

/// Whether any command belongs to this extension.
pub(super) fn is_extension(extension: &str) -> bool {
    COMMANDS.iter().any(|command| command.name.split('.').next() == Some(extension))
}

impl Command {
    /// The name without its extension.
    pub(super) fn short_name(&self) -> &'static str {
        self.name.split('.').next_back().unwrap_or_default()
    }

    /// The outcome of a command that takes no time; `None` for the others.
    pub(super) fn answer(&self, agent: &Agent, params: &Value) -> Option<Result<Value, CommandError>> {
        let Run::Now(run) = self.run else { return None };
        // The path keeps faults without a target, which mean steps, away from these.
        let subject = Subject { method: "", path: self.name, names: &[self.name, self.short_name()] };
        let uptime = agent.uptime();
        let strike = uptime
            .fleet
            .faults
            .take(Some(uptime.index), &subject, |kind| matches!(kind, FaultKind::AgentStepFails { .. }));
        Some(match strike {
            Some(FaultKind::AgentStepFails { message }) => Err(CommandError::execution(message)),
            _ => run(agent, params),
        })
    }
}

impl CommandError {
    pub(super) fn new(kind: &'static str, message: impl Into<String>, details: impl Into<String>) -> Self {
        Self { kind, code: 500, message: message.into(), details: details.into(), version_mismatch: false }
    }

    pub(super) fn execution(details: impl Into<String>) -> Self {
        Self::new("CommandExecutionError", "The command failed", details)
    }

    pub(super) fn params(details: impl Into<String>) -> Self {
        Self {
            code: 400,
            ..Self::new("InvalidCommandParamsError", "Parameters of the command are wrong", details)
        }
    }
}

fn partition_uuids(agent: &Agent, _: &Value) -> Result<Value, CommandError> {
    let written = agent.uptime().fleet.read(agent.uptime().index, |live| live.state.disk.is_some());
    Ok(if written { json!({"disk identifier": "0x5fe22105"}) } else { json!({}) })
}

fn finalize_rescue(agent: &Agent, params: &Value) -> Result<Value, CommandError> {
    match params.get("rescue_password").and_then(Value::as_str) {
        Some(password) if !password.is_empty() => {
            let hash = (params["hashed"] == true).then(|| password.to_owned());
            agent.uptime().update(|live| live.state.rescue_password_hash = hash);
            agent.leave();
            Ok(Value::Null)
        }
        _ => Err(CommandError::params("rescue_password is missing")),
    }
}

fn collect_logs(agent: &Agent, _: &Value) -> Result<Value, CommandError> {
    let lines: Vec<String> = agent
        .records()
        .iter()
        .map(|record| format!("{} {} {:?}\n", record.id, record.command_name, record.command_status))
        .collect();
    let text = format!("agent started {}\n{}", agent.started_at, lines.concat());
    let archive = logs::archive("journal", text.as_bytes())
        .map_err(|error| CommandError::execution(format!("logs cannot be packed: {error}")))?;
    Ok(json!({"system_logs": STANDARD.encode(archive)}))
}

fn hardware_info(agent: &Agent, _: &Value) -> Result<Value, CommandError> {
    let server = &agent.uptime().fleet.servers[agent.uptime().index];
    Ok(inventory::inventory(&server.identity, server.model, None))
}
