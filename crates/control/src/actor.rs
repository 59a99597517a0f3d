//! Who makes a request.

use crate::commit::new_id;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The caller of a use case.
///
/// A strategy without roles fills `user` over [`Actor::unrestricted`], and answers [`Actor::public`] for paths that need no
/// credentials when it has roles elsewhere. A strategy with roles (tokens) fills every field that the token has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Actor {
    /// Identity of the user, where the authentication strategy knows one.
    pub user: Option<String>,
    /// Identity of the user's domain.
    pub user_domain: Option<String>,
    /// Identity of the project that the roles are for; none in other scopes.
    pub project: Option<String>,
    /// Name of that project.
    pub project_name: Option<String>,
    /// Identity of that project's domain.
    pub project_domain: Option<String>,
    /// Identity of the domain that the roles are for; none in other scopes.
    pub domain: Option<String>,
    /// Roles in that project, domain or system, in whatever case; those that others contain need not be there.
    pub roles: Vec<String>,
    /// Whether the roles are for the whole system (`system.all` of the token).
    pub system_scope: bool,
    /// Whether the project is that of the administrators: true unless the token says `is_admin_project: false`.
    pub is_admin_project: bool,
    /// Roles of the service that passes the user's request on, from its own token; empty without one.
    pub service_roles: Vec<String>,
    /// Whether the path needs no credentials, so that none were looked at.
    pub public: bool,
    /// Whether no rule holds the caller back: strategies without roles, and the system itself.
    pub unrestricted: bool,
}

/// One request: who makes it and how its traces are found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestContext {
    /// The caller.
    pub actor: Actor,
    /// `req-<uuid>`.
    pub request_id: String,
    /// The identity of what the request creates, where it may be sent again; a random one otherwise.
    pub identity: Option<Uuid>,
    /// The item of an operation whose work the request is.
    pub operation_item: Option<i64>,
}

impl Actor {
    /// A caller whom no rule holds back.
    pub fn unrestricted() -> Self {
        Self { unrestricted: true, ..Self::default() }
    }

    /// A caller of a path that needs no credentials, where other paths need them.
    pub fn public() -> Self {
        Self { public: true, ..Self::default() }
    }
}

impl RequestContext {
    /// A request of a caller.
    pub fn new(actor: Actor, request_id: String) -> Self {
        Self { actor, request_id, ..Self::default() }
    }

    /// The identity of what the request creates.
    pub(crate) fn fresh_id(&self) -> Uuid {
        self.identity.unwrap_or_else(new_id)
    }

    /// What the system does of its own accord.
    pub fn system() -> Self {
        Self { actor: Actor::unrestricted(), ..Self::default() }
    }
}
