//! Why a request to Neutron or Keystone failed.

use ferric_hardware::{HardwareError, HardwareErrorKind};
use ferric_model::failure::code;

/// A failure of one request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NeutronError {
    /// The configuration cannot work.
    #[error("{0}")]
    Config(String),
    /// Nobody answered in time.
    #[error("{service} did not answer the request to {doing}")]
    Unreachable {
        /// `Neutron` or `Keystone`.
        service: &'static str,
        /// What was asked for.
        doing: String,
        /// Why, without the URL.
        reason: String,
    },
    /// The credentials are not accepted.
    #[error("{service} refused the conductor's credentials")]
    Unauthorized {
        /// `Neutron` or `Keystone`.
        service: &'static str,
        /// What it said.
        said: String,
    },
    /// There is no such thing.
    #[error("Neutron does not know the {what}")]
    NotFound {
        /// What was looked for.
        what: String,
    },
    /// Neutron answered and refused.
    #[error("Neutron refused to {doing}")]
    Refused {
        /// What was asked for.
        doing: String,
        /// HTTP status.
        status: u16,
        /// What it said.
        said: String,
    },
    /// Neutron has a fault of its own.
    #[error("Neutron failed to {doing}")]
    Failed {
        /// What was asked for.
        doing: String,
        /// HTTP status.
        status: u16,
        /// What it said.
        said: String,
    },
    /// The answer makes no sense.
    #[error("the answer of {service} makes no sense: {reason}")]
    Nonsense {
        /// `Neutron` or `Keystone`.
        service: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

impl NeutronError {
    /// The label for metrics and the failure's stable code.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Config(_) => code::NEUTRON_MISCONFIGURED,
            Self::Unreachable { .. } => code::NEUTRON_UNREACHABLE,
            Self::Unauthorized { .. } => code::NEUTRON_UNAUTHORIZED,
            Self::NotFound { .. } => code::NEUTRON_NOT_FOUND,
            Self::Refused { .. } => code::NEUTRON_REFUSED,
            Self::Failed { .. } => code::NEUTRON_FAILED,
            Self::Nonsense { .. } => code::NEUTRON_NONSENSE,
        }
    }

    /// Whether the same request may well succeed a little later.
    pub const fn retryable(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Failed { .. })
    }

    const fn advice(&self) -> &'static str {
        match self {
            Self::Config(_) => "correct the section 'neutron' of the conductors' configuration",
            Self::Unreachable { .. } => "check that the conductor reaches the service, then try again",
            Self::Unauthorized { .. } => {
                "check user, password and project in the section 'neutron' of the conductors' configuration, and that the user \
                 may change the bindings of ports"
            }
            Self::NotFound { .. } => "check that it exists in Neutron and was not deleted meanwhile",
            Self::Refused { .. } => "do what Neutron asks for, then try again",
            Self::Failed { .. } => "look into the log of Neutron, then try again",
            Self::Nonsense { .. } => {
                "check that the address is that of the service and not of something else"
            }
        }
    }
}

impl From<NeutronError> for HardwareError {
    fn from(error: NeutronError) -> Self {
        let kind = match &error {
            NeutronError::Config(_) | NeutronError::NotFound { .. } => HardwareErrorKind::InvalidParameter,
            NeutronError::Unreachable { .. } => HardwareErrorKind::Unreachable,
            NeutronError::Unauthorized { .. } => HardwareErrorKind::Unauthorized,
            NeutronError::Refused { .. } | NeutronError::Failed { .. } => HardwareErrorKind::Refused,
            NeutronError::Nonsense { .. } => HardwareErrorKind::Nonsense,
        };
        let failure = Self::new(kind, error.kind(), error.to_string(), error.advice());
        match &error {
            NeutronError::Unreachable { reason, .. } => failure.said(reason.as_str()),
            NeutronError::Unauthorized { said, .. } => failure.said(said.as_str()),
            NeutronError::Refused { status, said, .. } | NeutronError::Failed { status, said, .. } => {
                failure.said(format!("HTTP {status}: {said}"))
            }
            NeutronError::Config(_) | NeutronError::NotFound { .. } | NeutronError::Nonsense { .. } => {
                failure
            }
        }
    }
}
