//! The history of a node: what happened to it, in words a person can act on.

use crate::failure::{Exchange, Fingerprint, Trouble};
use crate::report::Failure;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

/// How bad an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Severity {
    /// Something ended well, or is good to know.
    Info,
    /// Something failed.
    Error,
}

/// One entry.
///
/// Source: Ironic API reference, "Node history"; `details` is Ferric's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// Identity.
    pub uuid: Uuid,
    /// The node it is about.
    pub node_uuid: Uuid,
    /// When it was written.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// The conductor that did the work, or none when the control plane acted by itself.
    pub conductor: Option<String>,
    /// Area, for example `deploying`, `cleaning`, `verifying`, `power`, `monitoring`.
    pub event_type: String,
    /// How bad it is.
    pub severity: Severity,
    /// The whole text.
    pub event: String,
    /// Who asked for the work.
    pub user: Option<String>,
    /// In which project.
    pub project: Option<String>,
    /// The provision state after the event.
    pub state: Option<String>,
    /// The target provision state after the event.
    pub target_provision_state: Option<String>,
    /// Seconds since the node entered the state it was in before.
    pub duration_seconds: Option<i64>,
    /// The same in parts, for programs.
    pub details: HistoryDetails,
    /// What the failure has in common with others, see [`crate::failure::Fingerprint`].
    pub fingerprint: Option<String>,
    /// The request to the BMC that failed; lists leave it out.
    pub exchange: Option<Box<Exchange>>,
}

/// What a program can read out of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HistoryDetails {
    /// Stable code of the failure, for example `redfish-unreachable`.
    pub code: Option<String>,
    /// The step that was running, as `interface.step`.
    pub step: Option<String>,
    /// What the BMC or the agent said, without secrets.
    pub evidence: Option<String>,
    /// What to try next.
    pub advice: Option<String>,
    /// What had gone wrong before and explains it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Box<Trouble>>,
    /// The first message that the BMC refused with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// What went wrong with everything masked that differs between nodes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// The task that the entry belongs to.
    pub task: Option<Uuid>,
}

impl HistoryEntry {
    /// Adds what a program can read out of a failure.
    #[must_use]
    pub fn explained_by(mut self, failure: &Failure) -> Self {
        let print = Fingerprint::of(failure);
        self.fingerprint = Some(print.id);
        self.exchange.clone_from(&failure.exchange);
        let details = &mut self.details;
        details.code = Some(failure.code.clone());
        details.step.clone_from(&failure.step);
        details.evidence.clone_from(&failure.evidence);
        details.advice = Some(failure.remedy().to_owned());
        details.cause.clone_from(&failure.cause);
        details.message_id.clone_from(&failure.message_id);
        details.template = Some(print.template);
        self
    }
}

impl HistoryDetails {
    /// The code of the cause when one is known, else of the failure.
    pub fn root_code(&self) -> Option<&str> {
        self.cause.as_ref().map(|cause| cause.code.as_str()).or(self.code.as_deref())
    }
}

impl Severity {
    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Error => "ERROR",
        }
    }

    /// Reads the word.
    pub fn find(text: &str) -> Option<Self> {
        [Self::Info, Self::Error].into_iter().find(|severity| severity.as_str() == text)
    }
}
