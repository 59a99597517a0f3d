//! Commands of an agent, as it tells of them.

use super::evidence;
use serde::Deserialize;
use serde_json::Value;

/// A command that an agent was given.
///
/// **Shape**: `command_name` has no extension before it: `execute_deploy_step`, not `deploy.execute_deploy_step`.
/// Source: `contract: agent-protocol` section 5.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Command {
    /// Identity.
    pub id: String,
    /// Which method it runs.
    pub command_name: String,
    /// How far it came.
    pub command_status: CommandStatus,
    /// Why it failed.
    #[serde(default)]
    pub command_error: Value,
    /// What it led to.
    #[serde(default)]
    pub command_result: Value,
}

/// How far a command came.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum CommandStatus {
    /// It runs.
    Running,
    /// It ended well.
    Succeeded,
    /// It ended badly.
    Failed,
    /// It was not run: the hardware managers are not those that the caller named.
    VersionMismatch,
    /// A word that the protocol does not have.
    Other(String),
}

/// Every command of an agent's life, in the order in which they were given.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
pub struct Commands {
    commands: Vec<Command>,
}

impl Command {
    /// What the agent said about its failure. May hold secrets until it is scrubbed.
    pub(crate) fn error_text(&self) -> String {
        evidence::said(&self.command_error)
    }
}

impl From<String> for CommandStatus {
    fn from(word: String) -> Self {
        match word.as_str() {
            "RUNNING" => Self::Running,
            "SUCCEEDED" => Self::Succeeded,
            "FAILED" => Self::Failed,
            "VERSION_MISMATCH" => Self::VersionMismatch,
            // CLEAN_VERSION_MISMATCH and whatever else an extension puts before it.
            word if word.ends_with("_VERSION_MISMATCH") => Self::VersionMismatch,
            _ => Self::Other(word),
        }
    }
}

impl Commands {
    /// The command that was given last.
    pub fn last(&self) -> Option<&Command> {
        self.commands.last()
    }

    /// The command with this identity.
    pub fn find(&self, id: &str) -> Option<&Command> {
        self.commands.iter().find(|command| command.id == id)
    }

    /// The last command of this method that ended well.
    pub fn find_last_success(&self, method: &str) -> Option<&Command> {
        self.commands
            .iter()
            .rev()
            .find(|one| one.command_name == method && one.command_status == CommandStatus::Succeeded)
    }

    /// The last command of this method that `earlier` does not have.
    pub(crate) fn find_new(&self, method: &str, earlier: &Self) -> Option<&Command> {
        self.commands.iter().rev().find(|one| one.command_name == method && earlier.find(&one.id).is_none())
    }
}

#[cfg(test)]
impl From<Vec<Command>> for Commands {
    fn from(commands: Vec<Command>) -> Self {
        Self { commands }
    }
}

#[cfg(test)]
mod tests {
    use super::CommandStatus;

    #[test]
    fn every_form_of_a_version_mismatch_is_known() {
        let status = |word: &str| CommandStatus::from(word.to_owned());
        for word in ["VERSION_MISMATCH", "CLEAN_VERSION_MISMATCH", "DEPLOY_VERSION_MISMATCH"] {
            assert_eq!(status(word), CommandStatus::VersionMismatch, "{word}");
        }
        assert_eq!(status("running"), CommandStatus::Other("running".to_owned()));
    }
}
