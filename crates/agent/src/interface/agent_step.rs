//! Steps that one command of the agent carries out: giving the command, and looking after it.

use super::poll::{Standing, Wanted, standing};
use super::remembered::{Remembered, forget_command, forget_run, remember, remember_versions, versions};
use crate::client::{AgentError, Agents, Commands};
use ferric_hardware::{StepOutcome, TaskView};
use ferric_model::report::Observed;
use ferric_model::step::{Repeat, Step, StepKind};
use serde_json::Value;

/// The command that carries out a step.
#[derive(Debug, Clone)]
pub struct StepCommand<'a> {
    /// The agents.
    pub agents: &'a Agents,
    /// The task.
    pub task: &'a TaskView,
    /// The step.
    pub step: &'a Step,
    /// The command with its extension.
    pub name: String,
    /// Whether the command's result repeats the step.
    pub echoes_step: bool,
}

/// How the command stands.
#[derive(Debug)]
pub enum Found {
    /// It must be given.
    NotBegun,
    /// It runs; with its identity, unless the agent is still busy with something else.
    Running(Option<String>),
    /// It is over.
    Ended {
        /// Whether the ramdisk was restarted since, as the step wished.
        restarted: bool,
        /// What it led to, as far as the agent tells.
        result: Value,
    },
}

impl<'a> StepCommand<'a> {
    /// The command `<kind>.execute_<kind>_step`.
    pub fn execute_step(agents: &'a Agents, task: &'a TaskView, kind: StepKind, step: &'a Step) -> Self {
        let kind = kind.as_str();
        Self { agents, task, step, name: format!("{kind}.execute_{kind}_step"), echoes_step: true }
    }

    /// Gives the command; an agent that is busy is asked again when it is heard of.
    pub async fn begin(&self, params: impl FnOnce(&Commands) -> Value) -> Result<StepOutcome, AgentError> {
        let client = self.agents.client(self.task)?;
        let known = client.commands().await?;
        let mut observed = match client.start(&self.name, params(&known), &known).await {
            Ok(command) => remember(self.task, self.step, Some(&command.id)),
            Err(AgentError::Busy { .. }) => remember(self.task, self.step, None),
            Err(error) => return Err(error),
        };
        remember_versions(self.task, &mut observed, planned_versions(&known));
        Ok(StepOutcome::Wait(observed))
    }

    /// Looks how the command stands.
    ///
    /// **Errors**: `CommandFailed`, `VersionMismatch`; `Rebooted` when the ramdisk was restarted and the step did not wish
    /// for it; `NotKnown` when a step that must not run twice may have been begun.
    pub async fn look(&self) -> Result<Found, AgentError> {
        let client = self.agents.client(self.task)?;
        let commands = match client.commands().await {
            Ok(commands) => commands,
            // A step that restarts the ramdisk itself: the new one will be heard of.
            Err(AgentError::Unreachable { .. }) if self.step.reboot_requested => {
                return Ok(Found::Running(None));
            }
            Err(error) => return Err(error),
        };
        let method = self.name.rsplit('.').next().unwrap_or(&self.name);
        let wanted = Wanted { method, step: self.echoes_step.then_some(self.step) };
        let remembered = Remembered::find(self.task, self.step);
        let label = self.step.label();
        match standing(&commands, remembered.as_ref(), wanted) {
            Standing::NotBegun => Ok(Found::NotBegun),
            Standing::Running(running) => {
                Ok(Found::Running((running.command_name == method).then(|| running.id.clone())))
            }
            Standing::Ended(ended) => {
                client.result(&label, ended.clone()).map(|result| Found::Ended { restarted: false, result })
            }
            Standing::Lost if self.step.reboot_requested => {
                Ok(Found::Ended { restarted: true, result: Value::Null })
            }
            Standing::Lost => Err(AgentError::Rebooted { command: label }),
            Standing::NotKnown if self.step.repeat == Repeat::Once => {
                Err(AgentError::NotKnown { command: label })
            }
            Standing::NotKnown => Ok(Found::NotBegun),
        }
    }

    /// The step goes on.
    pub fn waiting(&self, id: Option<&str>) -> StepOutcome {
        match id {
            Some(id) => StepOutcome::Wait(remember(self.task, self.step, Some(id))),
            None => StepOutcome::Wait(Observed::default()),
        }
    }

    /// The step ended well.
    pub fn ended(&self, restarted: bool) -> StepOutcome {
        if self.step.reboot_requested && !restarted {
            return StepOutcome::Reboot(forget_run(self.task));
        }
        StepOutcome::Done(forget_command())
    }

    /// The parameter `<kind>_version`: the versions that the steps were planned with, null if nobody knows. An agent
    /// that was restarted since does not know them, the node's record does.
    pub fn version_parameter(&self, known: &Commands) -> Value {
        planned_versions(known).or_else(|| versions(self.task)).cloned().unwrap_or(Value::Null)
    }
}

/// What the agent itself remembers of the versions that it told with its steps.
fn planned_versions(known: &Commands) -> Option<&Value> {
    let kinds = ["get_clean_steps", "get_deploy_steps", "get_service_steps"];
    kinds
        .iter()
        .find_map(|method| known.find_last_success(method))
        .map(|command| &command.command_result["hardware_manager_version"])
        .filter(|versions| versions.is_object())
}
