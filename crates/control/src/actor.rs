//! Who makes a request.

/// The caller of a use case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Actor {
    /// User, where the authentication strategy knows one.
    pub user: Option<String>,
    /// Project, where the authentication strategy knows one.
    pub project: Option<String>,
}

/// One request: who makes it and how its traces are found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestContext {
    /// The caller.
    pub actor: Actor,
    /// `req-<uuid>`.
    pub request_id: String,
}
