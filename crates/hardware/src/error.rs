//! Why hardware work failed, in parts from which a person can act.

use ferric_model::failure::{Exchange, code};
use ferric_model::node::Node;
use ferric_model::report::Failure;
use std::fmt;

/// What kind of failure it is: what the caller can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HardwareErrorKind {
    /// The node's description is not usable: somebody must correct it.
    InvalidParameter,
    /// The interface cannot do this at all.
    Unsupported,
    /// Nobody answers at the address.
    Unreachable,
    /// The other side does not accept the credentials.
    Unauthorized,
    /// The other side answered and refused.
    Refused,
    /// The other side answered something that makes no sense.
    Nonsense,
    /// The deadline passed before the wanted state was seen.
    Timeout,
    /// The agent reported that its work failed.
    AgentFailed,
    /// Nobody can tell whether a step that must not run twice was done.
    Unknown,
}

/// A failure of hardware work.
///
/// **Invariant**: no part holds a secret; it goes to history and to API answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HardwareError {
    /// What kind of failure it is.
    pub kind: HardwareErrorKind,
    /// Stable code: a row of [`ferric_model::failure::CODES`].
    pub code: &'static str,
    /// What went wrong, in one sentence without a full stop.
    pub summary: String,
    /// What the BMC or the agent said.
    pub evidence: Option<String>,
    /// What to try next.
    pub advice: String,
    /// Identifier of the first message that a BMC refused with.
    pub message_id: Option<String>,
    /// The request to the BMC that failed.
    pub exchange: Option<Box<Exchange>>,
}

impl HardwareErrorKind {
    /// Label for metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidParameter => "invalid_parameter",
            Self::Unsupported => "unsupported",
            Self::Unreachable => "unreachable",
            Self::Unauthorized => "unauthorized",
            Self::Refused => "refused",
            Self::Nonsense => "nonsense",
            Self::Timeout => "timeout",
            Self::AgentFailed => "agent_failed",
            Self::Unknown => "unknown",
        }
    }
}

impl HardwareError {
    /// A failure; `advice` says what to try next.
    pub fn new(
        kind: HardwareErrorKind,
        code: &'static str,
        summary: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            code,
            summary: summary.into(),
            evidence: None,
            advice: advice.into(),
            message_id: None,
            exchange: None,
        }
    }

    /// The node's description is not usable.
    pub fn invalid(summary: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(HardwareErrorKind::InvalidParameter, code::INVALID_PARAMETER, summary, advice)
    }

    /// The interface cannot do this.
    pub fn unsupported(what: impl Into<String>) -> Self {
        Self::new(
            HardwareErrorKind::Unsupported,
            code::UNSUPPORTED,
            what,
            "choose another interface for the node, or do without this operation",
        )
    }

    /// The node's driver cannot do this; `extension` in the word that clients know for it.
    pub fn unsupported_by(node: &Node, extension: &str) -> Self {
        Self::unsupported(format!(
            "Driver {} does not support {extension} (disabled or not implemented).",
            node.driver
        ))
    }

    /// Adds what the other side said, cut to a readable length.
    #[must_use]
    pub fn said(mut self, evidence: impl Into<String>) -> Self {
        const LONGEST: usize = 600;
        let mut evidence: String = evidence.into();
        if let Some((cut, _)) = evidence.char_indices().nth(LONGEST) {
            evidence.truncate(cut);
            evidence.push('…');
        }
        self.evidence = Some(evidence).filter(|text| !text.trim().is_empty());
        self
    }

    /// Adds the request to the BMC that failed, and the identifier of the first message that it refused with.
    #[must_use]
    pub fn in_exchange(mut self, exchange: Exchange, message_id: Option<String>) -> Self {
        self.exchange = Some(Box::new(exchange));
        self.message_id = message_id;
        self
    }

    /// The label for metrics.
    pub const fn kind(&self) -> &'static str {
        self.kind.as_str()
    }

    /// Whether the same call may well succeed a little later.
    pub const fn retryable(&self) -> bool {
        matches!(self.kind, HardwareErrorKind::Unreachable | HardwareErrorKind::Timeout)
    }

    /// The failure of what was being done.
    pub fn into_failure(self, doing: impl Into<String>, step: Option<String>, duration_ms: u64) -> Failure {
        let mut failure = Failure::new(self.code, doing, self.summary).advised(self.advice).in_step(step);
        failure.evidence = self.evidence;
        failure.duration_ms = duration_ms;
        failure.message_id = self.message_id;
        failure.exchange = self.exchange;
        failure
    }
}

impl fmt::Display for HardwareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.summary)?;
        if let Some(evidence) = &self.evidence {
            write!(f, " (it said: {evidence})")?;
        }
        Ok(())
    }
}

impl std::error::Error for HardwareError {}
