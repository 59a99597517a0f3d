//! Who makes a request.

/// The caller of a use case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Actor {
    /// User, where the authentication strategy knows one.
    pub user: Option<String>,
    /// Project, where the authentication strategy knows one.
    pub project: Option<String>,
    /// Roles in that project or system, lower case.
    pub roles: Vec<String>,
    /// Whether the roles are for the whole system.
    pub system_scope: bool,
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
}

impl Actor {
    /// A caller whom no rule holds back.
    pub fn unrestricted() -> Self {
        Self { unrestricted: true, ..Self::default() }
    }
}

impl RequestContext {
    /// What the system does of its own accord.
    pub fn system() -> Self {
        Self { actor: Actor::unrestricted(), ..Self::default() }
    }
}
