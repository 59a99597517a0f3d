//! The one error of this crate.

use ferric_hardware::{HardwareError, HardwareErrorKind as Kind};
use ferric_model::failure::code;

/// Why work with an agent failed; variants are named for what the caller can do about it.
///
/// **Invariant**: nothing in it holds the agent's token, a configdrive, or the credentials of a URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AgentError {
    /// No heartbeat told where the agent listens.
    #[error("no agent of the node was heard of")]
    NotHeardOf,
    /// The agent does not answer.
    #[error("the agent at {agent} does not answer: {reason}")]
    Unreachable {
        /// Where it listens.
        agent: String,
        /// What happened.
        reason: String,
    },
    /// The agent works on another command.
    #[error("the agent is busy with another command and did not begin '{command}'")]
    Busy {
        /// What it was asked to do.
        command: String,
    },
    /// The agent does not accept the token, or there is none to show.
    #[error("the agent does not accept the node's token")]
    TokenRefused,
    /// The agent would not begin a command.
    #[error("the agent refused the command '{command}' with status {status}")]
    Refused {
        /// What it was asked to do.
        command: String,
        /// Status of its answer.
        status: u16,
        /// What it said.
        said: String,
    },
    /// A command failed.
    #[error("the agent reported that '{command}' failed")]
    CommandFailed {
        /// What it was asked to do.
        command: String,
        /// What it said.
        said: String,
    },
    /// The agent's hardware managers are not those that the steps were planned with.
    #[error("the agent's hardware managers changed since the steps were read; '{command}' was not run")]
    VersionMismatch {
        /// What it was asked to do.
        command: String,
    },
    /// The agent answered something that makes no sense.
    #[error("the agent's answer to '{command}' makes no sense: {reason}")]
    Nonsense {
        /// What it was asked.
        command: String,
        /// What is wrong.
        reason: String,
    },
    /// The agent lost its commands while a step ran.
    #[error("the ramdisk was restarted while '{command}' ran")]
    Rebooted {
        /// What it was doing.
        command: String,
    },
    /// Nobody can tell whether a step that must not run twice was begun.
    #[error("nobody can tell whether '{command}' was begun before the ramdisk was restarted")]
    NotKnown {
        /// The step.
        command: String,
    },
    /// This process cannot make connections.
    #[error("no connections to agents can be made: {0}")]
    Setup(String),
}

/// A variant's label, the code and the kind of its hardware error, whether it passes by itself, and what to try next.
struct Row {
    label: &'static str,
    code: &'static str,
    kind: Kind,
    retryable: bool,
    advice: &'static str,
}

impl AgentError {
    /// Metric label of the variant.
    pub fn kind(&self) -> &'static str {
        self.row().label
    }

    /// Whether the same call may well succeed a little later.
    pub fn retryable(&self) -> bool {
        self.row().retryable
    }

    const fn row(&self) -> Row {
        const fn row(
            label: &'static str,
            code: &'static str,
            kind: Kind,
            retryable: bool,
            advice: &'static str,
        ) -> Row {
            Row { label, code, kind, retryable, advice }
        }
        match self {
            Self::NotHeardOf => row(
                "not_heard_of",
                code::AGENT_UNREACHABLE,
                Kind::Unreachable,
                true,
                "look at the node's console: the ramdisk must boot and reach the API to send a heartbeat",
            ),
            Self::Unreachable { .. } => row(
                "unreachable",
                code::AGENT_UNREACHABLE,
                Kind::Unreachable,
                true,
                "check that the conductor can reach the ramdisk's address and port (9999 by default), and look at the \
                 node's console",
            ),
            Self::Busy { .. } => row(
                "busy",
                code::AGENT_BUSY,
                Kind::Refused,
                true,
                "wait until the running command ends, or abort and start again with a fresh ramdisk",
            ),
            Self::TokenRefused => row(
                "token_refused",
                code::AGENT_TOKEN_REFUSED,
                Kind::Unauthorized,
                false,
                "an agent keeps the token of its first lookup for its whole life: power the node off and start again, \
                 so that a fresh ramdisk gets a fresh token; if it comes back, look for a second ramdisk that answers \
                 at this address",
            ),
            Self::Refused { .. } => row(
                "refused",
                code::AGENT_COMMAND_FAILED,
                Kind::Refused,
                false,
                "check that the ramdisk's agent is recent enough to know this command",
            ),
            Self::CommandFailed { .. } => row(
                "command_failed",
                code::AGENT_COMMAND_FAILED,
                Kind::AgentFailed,
                false,
                "read what the agent said; the ramdisk's log on the console has the details",
            ),
            Self::VersionMismatch { .. } => row(
                "version_mismatch",
                code::AGENT_VERSION_MISMATCH,
                Kind::AgentFailed,
                false,
                "the node booted another ramdisk in between: start again, so that all steps come from the same one",
            ),
            Self::Nonsense { .. } => row(
                "nonsense",
                code::AGENT_NONSENSE,
                Kind::Nonsense,
                false,
                "check what listens at the agent's address, and whether the ramdisk fits this version",
            ),
            Self::Rebooted { .. } => row(
                "rebooted",
                code::AGENT_REBOOTED,
                Kind::AgentFailed,
                false,
                "find out why the node restarted (power, watchdog, crash of the ramdisk), then start again",
            ),
            Self::NotKnown { .. } => row(
                "not_known",
                code::AGENT_REBOOTED,
                Kind::Unknown,
                false,
                "look at the node itself, then start again: the step may have run in part",
            ),
            Self::Setup(_) => row(
                "setup",
                code::AGENT_UNREACHABLE,
                Kind::Unreachable,
                false,
                "check the certificates of the conductor's system",
            ),
        }
    }
}

impl From<AgentError> for HardwareError {
    fn from(error: AgentError) -> Self {
        let row = error.row();
        let failure = Self::new(row.kind, row.code, error.to_string(), row.advice);
        match error {
            AgentError::Refused { said, .. } | AgentError::CommandFailed { said, .. } => failure.said(said),
            _ => failure,
        }
    }
}
