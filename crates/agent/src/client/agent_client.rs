//! Giving commands to one agent.

use super::request::Fault;
use super::{AgentError, Command, CommandStatus, Commands, evidence};
use crate::config::AgentConfig;
use ferric_model::secret::Secret;
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use url::Url;

/// The client of one agent.
///
/// **Invariant**: a command that the agent may have heard is not sent again before its list of commands shows that it
/// was not begun.
#[derive(Debug)]
pub struct AgentClient {
    pub(super) http: reqwest::Client,
    pub(super) commands_url: Url,
    pub(super) token: Secret<String>,
    pub(super) config: Arc<AgentConfig>,
    pub(super) calls: Arc<Semaphore>,
}

impl AgentClient {
    pub(super) fn new(
        http: reqwest::Client,
        commands_url: Url,
        token: Secret<String>,
        config: Arc<AgentConfig>,
        calls: Arc<Semaphore>,
    ) -> Self {
        Self { http, commands_url, token, config, calls }
    }

    /// Every command of the agent's life.
    ///
    /// **Errors**: `Unreachable` after all attempts; what the agent answered instead of a list.
    pub async fn commands(&self) -> Result<Commands, AgentError> {
        let mut failure = 0;
        loop {
            let reason = match self.exchange(Method::GET, None, false, "list of commands").await {
                Ok(commands) => return Ok(commands),
                Err(Fault::Answered(error)) => return Err(error),
                Err(Fault::NotConnected(reason) | Fault::Broken(reason)) => reason,
            };
            self.pause_or_give_up(&mut failure, reason).await?;
        }
    }

    /// Begins a command and does not wait for its end. `known` is the list of commands from just before.
    ///
    /// **Errors**: `Busy` when another command runs; `Refused`; `TokenRefused`; `Unreachable` after all attempts.
    pub async fn start(&self, name: &str, params: Value, known: &Commands) -> Result<Command, AgentError> {
        self.send(name, params, known, false).await
    }

    /// Runs a command to its end and returns its result.
    ///
    /// **Errors**: those of [`Self::start`]; `CommandFailed`, `VersionMismatch`; `Unreachable` when the end was not seen
    /// in time.
    pub async fn run(&self, name: &str, params: Value) -> Result<Value, AgentError> {
        let known = self.commands().await?;
        let mut command = self.send(name, params, &known, true).await?;
        for _ in 0..self.config.command_wait_attempts {
            if command.command_status != CommandStatus::Running {
                return self.result(name, command);
            }
            tokio::time::sleep(Duration::from_millis(self.config.command_wait_ms)).await;
            command = match self.commands().await?.find(&command.id) {
                Some(command) => command.clone(),
                None => return Err(AgentError::Rebooted { command: name.to_owned() }),
            };
        }
        self.result(name, command)
    }

    /// What a command that ended led to.
    pub(crate) fn result(&self, name: &str, command: Command) -> Result<Value, AgentError> {
        let name = name.to_owned();
        match &command.command_status {
            CommandStatus::Succeeded => Ok(command.command_result),
            CommandStatus::Failed => {
                Err(AgentError::CommandFailed { command: name, said: self.scrub(&command.error_text()) })
            }
            CommandStatus::VersionMismatch => Err(AgentError::VersionMismatch { command: name }),
            CommandStatus::Running => {
                Err(AgentError::Unreachable { agent: self.agent(), reason: format!("'{name}' does not end") })
            }
            CommandStatus::Other(word) => {
                let word: String = word.chars().take(40).collect();
                Err(AgentError::Nonsense { command: name, reason: format!("unknown status '{word}'") })
            }
        }
    }

    async fn send(
        &self,
        name: &str,
        params: Value,
        known: &Commands,
        wait: bool,
    ) -> Result<Command, AgentError> {
        let body = json!({"name": name, "params": params});
        let method = name.rsplit('.').next().unwrap_or(name);
        let mut failure = 0;
        let mut perhaps_heard = false;
        loop {
            let reason = match self.exchange(Method::POST, Some(&body), wait, name).await {
                Ok(command) => return Ok(command),
                // The command it is busy with may be the one that it was given a moment ago.
                Err(Fault::Answered(AgentError::Busy { command })) if perhaps_heard => {
                    return match self.commands().await?.find_new(method, known) {
                        Some(begun) => Ok(begun.clone()),
                        None => Err(AgentError::Busy { command }),
                    };
                }
                Err(Fault::Answered(error)) => return Err(error),
                Err(Fault::NotConnected(reason)) => reason,
                Err(Fault::Broken(reason)) => {
                    perhaps_heard = true;
                    if let Some(begun) = self.commands().await?.find_new(method, known) {
                        tracing::info!(
                            command = name,
                            agent = self.agent(),
                            "answer lost, command was begun"
                        );
                        return Ok(begun.clone());
                    }
                    reason
                }
            };
            self.pause_or_give_up(&mut failure, reason).await?;
        }
    }

    async fn pause_or_give_up(&self, failure: &mut u32, reason: String) -> Result<(), AgentError> {
        *failure += 1;
        let reason = self.scrub(&reason);
        if *failure >= self.config.attempts {
            return Err(AgentError::Unreachable { agent: self.agent(), reason });
        }
        tracing::debug!(agent = self.agent(), reason, failure = *failure, "call to the agent failed");
        tokio::time::sleep(self.config.retry_pause(*failure - 1)).await;
        Ok(())
    }

    /// Address without path, user name and query.
    fn agent(&self) -> String {
        let host = self.commands_url.host_str().unwrap_or_default();
        let port = self.commands_url.port_or_known_default().unwrap_or_default();
        format!("{}://{host}:{port}", self.commands_url.scheme())
    }

    pub(super) fn scrub(&self, text: &str) -> String {
        evidence::scrub(text, self.token.expose())
    }
}
