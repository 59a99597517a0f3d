//! Why a use case refused or failed, in terms of what the caller can do.

use ferric_bus::BusError;
use ferric_db::DbError;
use ferric_model::lifecycle::InvalidTransition;
use ferric_model::report::Failure;

/// A refusal or a failure. The text of a variant is for the caller; what must stay inside is in `source`.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// There is no such thing, or the caller may not know that there is.
    #[error("{0}")]
    NotFound(String),
    /// The request does not make sense; nothing but another request helps.
    #[error("{0}")]
    Invalid(String),
    /// The verb is not legal in the node's provision state.
    #[error("{0}")]
    InvalidStateRequested(String),
    /// Something in the node's present state forbids it.
    #[error("{0}")]
    Conflict(String),
    /// The key was used for another request.
    #[error("{0}")]
    KeyReused(String),
    /// A task holds the node; try again later.
    #[error("Node {node} is locked by host {host}, please retry after the current operation is completed.")]
    NodeLocked {
        /// UUID or name of the node, as the caller named it.
        node: String,
        /// Who holds it.
        host: String,
    },
    /// What was asked for is not kept any more.
    #[error("{0}")]
    Gone(String),
    /// The caller may not do this.
    #[error("{0}")]
    Forbidden(String),
    /// No conductor is there for the work now; try again later.
    #[error("{0}")]
    NoConductor(String),
    /// Somebody else wrote the node in between, more than once; try again.
    #[error("Node {0} was changed by somebody else at the same time, please retry.")]
    Stale(String),
    /// A synchronous call was carried out and failed.
    #[error("{}", .0.explain(None))]
    Hardware(Box<Failure>),
    /// A synchronous call did not end in time; it may still end.
    #[error("{0}")]
    Timeout(String),
    /// The database cannot serve now.
    #[error("the database cannot serve the request now, please retry")]
    Database(#[source] DbError),
    /// The bus cannot serve now.
    #[error("the message bus cannot serve the request now, please retry")]
    Bus(#[source] BusError),
    /// Something is wrong inside.
    #[error("internal error, the log of this service says more")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl ControlError {
    /// The label for metrics.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "not_found",
            Self::Invalid(_) => "invalid",
            Self::InvalidStateRequested(_) => "invalid_state_requested",
            Self::Conflict(_) => "conflict",
            Self::KeyReused(_) => "key_reused",
            Self::NodeLocked { .. } => "node_locked",
            Self::Gone(_) => "gone",
            Self::Forbidden(_) => "forbidden",
            Self::NoConductor(_) => "no_conductor",
            Self::Stale(_) => "stale",
            Self::Hardware(_) => "hardware",
            Self::Timeout(_) => "timeout",
            Self::Database(_) => "database",
            Self::Bus(_) => "bus",
            Self::Internal(_) => "internal",
        }
    }

    /// Whether the same request may well succeed a little later.
    pub const fn retryable(&self) -> bool {
        matches!(
            self,
            Self::NodeLocked { .. }
                | Self::NoConductor(_)
                | Self::Stale(_)
                | Self::Timeout(_)
                | Self::Database(_)
                | Self::Bus(_)
        )
    }

    /// Something is wrong inside.
    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }

    /// A verb that is not legal; `node` as the caller named it.
    pub fn illegal(verb: &str, node: &str, error: &InvalidTransition) -> Self {
        Self::InvalidStateRequested(format!(
            "The requested action \"{verb}\" can not be performed on node \"{node}\" while it is in state \"{}\".",
            error.state
        ))
    }

    /// A node that is not there; `ident` as the caller named it.
    pub fn node_not_found(ident: &str) -> Self {
        Self::NotFound(format!("Node {ident} could not be found."))
    }
}

impl From<DbError> for ControlError {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}

impl From<BusError> for ControlError {
    fn from(error: BusError) -> Self {
        Self::Bus(error)
    }
}
