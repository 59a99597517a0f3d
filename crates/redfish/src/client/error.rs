//! Why a conversation with a BMC failed, and what that means to the caller and to a person.

use super::said::Said;
use ferric_hardware::{HardwareError, HardwareErrorKind};
use ferric_model::failure::{Exchange, code};
use ferric_model::redact;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Result of this crate's client.
pub type Result<T> = std::result::Result<T, RedfishError>;

/// What was asked of which BMC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Scheme, host and port.
    pub address: Arc<str>,
    /// HTTP method.
    pub method: &'static str,
    /// Path of the resource.
    pub path: String,
    /// Body of the request, freed of secrets.
    pub sent: Option<String>,
    /// Status and body of the answer, freed of secrets, where they say more than the error.
    pub answer: Option<(u16, String)>,
}

impl Request {
    /// A request without a body.
    pub fn new(address: &Arc<str>, method: &'static str, path: &str) -> Self {
        Self { address: Arc::clone(address), method, path: path.to_owned(), sent: None, answer: None }
    }

    /// The excerpt for a node's history.
    fn exchange(&self) -> Exchange {
        let mut exchange = Exchange::new(self.method, &redact::mask_urls(&self.path));
        if let Some(sent) = &self.sent {
            exchange = exchange.sent(sent);
        }
        if let Some((status, body)) = &self.answer {
            exchange = exchange.answered(*status, body);
        }
        exchange
    }
}

/// Why a conversation with a BMC failed; variants are named for what the caller can do about it.
///
/// **Invariant**: no part holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RedfishError {
    /// Nobody answers, or the connection broke off.
    #[error("{request} got no answer: {cause}")]
    Unreachable {
        /// What was asked.
        request: Request,
        /// What the transport said.
        cause: String,
        /// Whether the request may have arrived.
        sent: bool,
    },
    /// The deadline of a request passed.
    #[error("{request} was not answered within {after:?}")]
    Timeout {
        /// What was asked.
        request: Request,
        /// The deadline.
        after: Duration,
        /// Whether the request may have arrived.
        sent: bool,
    },
    /// The TLS connection could not be set up, or the certificate is not trusted.
    #[error("the TLS connection to {address} failed: {cause}")]
    Tls {
        /// Scheme, host and port.
        address: Arc<str>,
        /// What TLS said.
        cause: String,
    },
    /// The credentials are not accepted.
    #[error("{request} is not allowed with these credentials")]
    Unauthorized {
        /// What was asked.
        request: Request,
        /// What the BMC said.
        said: Box<Said>,
    },
    /// The BMC answered and refused.
    #[error("{request} was refused")]
    Refused {
        /// What was asked.
        request: Request,
        /// HTTP status.
        status: u16,
        /// What the BMC said.
        said: Box<Said>,
    },
    /// The BMC's answer makes no sense.
    #[error("the answer to {request} makes no sense: {what}")]
    Nonsense {
        /// What was asked.
        request: Request,
        /// What is wrong with it.
        what: String,
    },
    /// A resource lacks a link or an action.
    #[error("{resource} has no {what}")]
    Missing {
        /// Address and path of the resource.
        resource: String,
        /// The link or action.
        what: &'static str,
    },
    /// There are several and the node does not say which one.
    #[error("the service has {} systems and the node does not say which one is its own", found.len())]
    Unclear {
        /// Paths of the systems.
        found: Vec<String>,
    },
    /// A task of the BMC ended badly.
    #[error("the BMC's task for {request} ended as {state}")]
    TaskFailed {
        /// What started the task.
        request: Request,
        /// How it ended.
        state: String,
        /// What the BMC said.
        said: Box<Said>,
    },
    /// A task of the BMC did not end in time.
    #[error("the BMC's task for {request} did not end within {after:?}")]
    TaskTimeout {
        /// What started the task.
        request: Request,
        /// The deadline.
        after: Duration,
    },
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.method, self.address, self.path)
    }
}

impl RedfishError {
    /// Label for metrics.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "unreachable",
            Self::Timeout { .. } => "timeout",
            Self::Tls { .. } => "tls",
            Self::Unauthorized { .. } => "unauthorized",
            Self::Refused { .. } => "refused",
            Self::Nonsense { .. } => "nonsense",
            Self::Missing { .. } => "missing",
            Self::Unclear { .. } => "unclear",
            Self::TaskFailed { .. } => "task_failed",
            Self::TaskTimeout { .. } => "task_timeout",
        }
    }

    /// Whether a read may well succeed a little later.
    pub const fn retryable(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Timeout { .. } | Self::Nonsense { .. } => true,
            Self::Refused { status, .. } => is_passing(*status),
            _ => false,
        }
    }

    /// Whether nobody can tell if a change was carried out: look before anything else is done.
    pub const fn may_have_acted(&self) -> bool {
        match self {
            Self::Unreachable { sent, .. } | Self::Timeout { sent, .. } => *sent,
            Self::Refused { status, .. } => *status >= 500,
            Self::Nonsense { .. } | Self::TaskTimeout { .. } => true,
            _ => false,
        }
    }

    /// Whether the BMC refused for reasons that pass by themselves.
    pub const fn refused_for_now(&self) -> bool {
        matches!(self, Self::Refused { status, .. } if is_passing(*status) || *status == 409)
    }

    /// The status of a refusal.
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// What the BMC said.
    pub const fn said(&self) -> Option<&Said> {
        match self {
            Self::Unauthorized { said, .. } | Self::Refused { said, .. } | Self::TaskFailed { said, .. } => {
                Some(said)
            }
            _ => None,
        }
    }

    /// What was asked.
    const fn request(&self) -> Option<&Request> {
        match self {
            Self::Unreachable { request, .. }
            | Self::Timeout { request, .. }
            | Self::Unauthorized { request, .. }
            | Self::Refused { request, .. }
            | Self::Nonsense { request, .. }
            | Self::TaskFailed { request, .. }
            | Self::TaskTimeout { request, .. } => Some(request),
            Self::Tls { .. } | Self::Missing { .. } | Self::Unclear { .. } => None,
        }
    }

    /// Adds what was asked and answered to a failure that this error led to.
    pub fn told_in(&self, failure: HardwareError) -> HardwareError {
        let message_id = self.said().and_then(|said| said.ids.first().cloned());
        match self.request() {
            Some(request) => failure.in_exchange(request.exchange(), message_id),
            None => failure,
        }
    }

    /// Kind, stable code and advice of the failure that a person reads.
    fn meaning(&self) -> (HardwareErrorKind, &'static str, &'static str) {
        use HardwareErrorKind as Kind;
        match self {
            Self::Unreachable { .. } => (
                Kind::Unreachable,
                code::REDFISH_UNREACHABLE,
                "check redfish_address, that the BMC has power and network, and that nothing filters the way from the \
                 conductor to it",
            ),
            Self::Timeout { .. } => (
                Kind::Timeout,
                code::REDFISH_TIMEOUT,
                "the BMC takes requests and does not answer them: wait for it to recover, or reset the BMC",
            ),
            Self::Tls { .. } => (
                Kind::InvalidParameter,
                code::REDFISH_TLS,
                "set redfish_verify_ca to the authority that signed the BMC's certificate or to that certificate \
                 itself, and make sure that redfish_address is a name or address that the certificate is made out for",
            ),
            Self::Unauthorized { .. } => (
                Kind::Unauthorized,
                code::REDFISH_UNAUTHORIZED,
                "check redfish_username and redfish_password, and that the account is neither locked nor expired",
            ),
            Self::Refused { status: 403, .. } => (
                Kind::Refused,
                code::REDFISH_REFUSED,
                "the BMC's account or license lacks the privilege for this: give the user the Operator or \
                 Administrator role",
            ),
            Self::Refused { status: 404, .. } => (
                Kind::Refused,
                code::REDFISH_NOT_FOUND,
                "check redfish_address and redfish_system_id: the BMC does not know this path",
            ),
            Self::Refused { status: 500.., .. } => (
                Kind::Refused,
                code::REDFISH_REFUSED,
                "the BMC has an internal fault: try again later, reset the BMC, or look for newer firmware",
            ),
            Self::Refused { .. } => (
                Kind::Refused,
                code::REDFISH_REFUSED,
                "read what the BMC said; it may want another power state, a license or newer firmware first",
            ),
            Self::Nonsense { .. } => (
                Kind::Nonsense,
                code::REDFISH_NONSENSE,
                "make sure that redfish_address is a Redfish service and no web page or proxy; a BMC that is just \
                 starting needs a few minutes",
            ),
            Self::Missing { .. } => (
                Kind::Unsupported,
                code::REDFISH_UNSUPPORTED,
                "the BMC does not offer this: look for newer firmware or a license, or choose another interface",
            ),
            Self::Unclear { .. } => (
                Kind::InvalidParameter,
                code::REDFISH_SYSTEM_UNCLEAR,
                "set redfish_system_id in the node's driver_info to one of the paths",
            ),
            Self::TaskFailed { .. } => (
                Kind::Refused,
                code::REDFISH_TASK_FAILED,
                "read what the BMC said about its task, and look into the BMC's own log",
            ),
            Self::TaskTimeout { .. } => (
                Kind::Timeout,
                code::REDFISH_TASK_TIMEOUT,
                "look at the BMC's task list: the task may still run, or wait for the node to restart",
            ),
        }
    }
}

/// Statuses that say "not now".
const fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
}

impl From<RedfishError> for HardwareError {
    fn from(error: RedfishError) -> Self {
        let (kind, code, advice) = error.meaning();
        let evidence = match &error {
            RedfishError::Unclear { found } => found.join(", "),
            _ => error.said().map(|said| said.text.clone()).unwrap_or_default(),
        };
        error.told_in(Self::new(kind, code, error.to_string(), advice).said(evidence))
    }
}
