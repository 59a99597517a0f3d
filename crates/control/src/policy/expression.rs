//! Checks as trees: what is demanded of the caller and of what the request is about.

use crate::actor::Actor;
use std::sync::Arc;

/// A check. `R` is how it refers to other rules: by name as it is written, by the tree itself once it is bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Check<R> {
    /// Everybody.
    Always,
    /// Nobody.
    Never,
    /// Whoever another rule lets.
    Rule(R),
    /// Callers with this role, lower case.
    Role(String),
    /// Where two values are the same.
    Same(Left, Right),
    /// Whoever the check does not let.
    Not(Box<Check<R>>),
    /// Whoever each of them lets.
    All(Vec<Check<R>>),
    /// Whoever one of them lets.
    Any(Vec<Check<R>>),
}

/// A check whose references are bound.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bound(pub Check<Arc<Bound>>);

/// What stands before the colon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Left {
    /// What is known of the caller.
    Caller(Attribute),
    /// A text of its own.
    Text(String),
}

/// What stands behind the colon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Right {
    /// A text of its own.
    Text(String),
    /// What is known of the caller.
    Caller(Attribute),
    /// What is known of the thing that the request is about.
    Target(TargetKey),
    /// Name of the project whose services have more rights, if they have.
    ServiceProject,
}

/// What is known of a caller: one row of the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attribute {
    /// Its name in checks.
    pub name: &'static str,
    /// Its values.
    pub read: for<'a> fn(&'a Actor) -> Vec<Option<&'a str>>,
}

/// What is known of the thing that a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TargetKey {
    /// Owner of the node.
    NodeOwner,
    /// Lessee of the node.
    NodeLessee,
    /// Owner of the allocation.
    AllocationOwner,
    /// Owner of the runbook.
    RunbookOwner,
    /// Owner of the operation.
    OperationOwner,
}

/// Names of what is known of callers.
pub(super) const ATTRIBUTES: [Attribute; 12] = [
    attribute("user_id", |actor| vec![actor.user.as_deref()]),
    attribute("user_domain_id", |actor| vec![actor.user_domain.as_deref()]),
    attribute("project_id", |actor| vec![actor.project.as_deref()]),
    attribute("project_name", |actor| vec![actor.project_name.as_deref()]),
    attribute("project_domain_id", |actor| vec![actor.project_domain.as_deref()]),
    attribute("domain_id", |actor| vec![actor.domain.as_deref()]),
    attribute("system_scope", |actor| vec![actor.system_scope.then_some("all")]),
    attribute("is_admin_project", |actor| vec![Some(python(actor.is_admin_project))]),
    attribute("is_public_api", |actor| vec![Some(python(actor.public))]),
    attribute("roles", |actor| actor.roles.iter().map(|role| Some(role.as_str())).collect()),
    attribute("service_roles", |actor| actor.service_roles.iter().map(|role| Some(role.as_str())).collect()),
    // The name of projects before they were called so.
    attribute("tenant", |actor| vec![actor.project.as_deref()]),
];

/// Names of what is known of things.
pub(super) const TARGETS: [(&str, TargetKey); 5] = [
    ("node.owner", TargetKey::NodeOwner),
    ("node.lessee", TargetKey::NodeLessee),
    ("allocation.owner", TargetKey::AllocationOwner),
    ("runbook.owner", TargetKey::RunbookOwner),
    ("operation.owner", TargetKey::OperationOwner),
];

const fn attribute(name: &'static str, read: for<'a> fn(&'a Actor) -> Vec<Option<&'a str>>) -> Attribute {
    Attribute { name, read }
}

const fn python(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

impl PartialEq for Attribute {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Attribute {}

impl<R> Check<R> {
    /// The same check with its references replaced.
    ///
    /// **Errors**: the first of `bind`.
    pub(super) fn bind<S, E>(&self, bind: &mut impl FnMut(&R) -> Result<S, E>) -> Result<Check<S>, E> {
        Ok(match self {
            Self::Always => Check::Always,
            Self::Never => Check::Never,
            Self::Rule(reference) => Check::Rule(bind(reference)?),
            Self::Role(role) => Check::Role(role.clone()),
            Self::Same(left, right) => Check::Same(left.clone(), right.clone()),
            Self::Not(check) => Check::Not(Box::new(check.bind(bind)?)),
            Self::All(checks) => {
                Check::All(checks.iter().map(|one| one.bind(bind)).collect::<Result<_, E>>()?)
            }
            Self::Any(checks) => {
                Check::Any(checks.iter().map(|one| one.bind(bind)).collect::<Result<_, E>>()?)
            }
        })
    }
}
