//! Asking whether a caller may do something.

use super::{Rule, Target};
use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use ferric_db::nodes::NodeProjects;
use ferric_model::node::Node;

/// How much of a collection a caller sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All of it.
    Everything,
    /// What the project owns or leases.
    Project(String),
}

impl Scope {
    /// The project whose things are seen; none when everything is.
    pub fn project(&self) -> Option<&str> {
        match self {
            Self::Everything => None,
            Self::Project(project) => Some(project),
        }
    }
}

impl Control {
    /// Whether the caller may do `rule` to `target`.
    pub fn allows(&self, context: &RequestContext, rule: Rule, target: Target<'_>) -> bool {
        self.policy().judge(&context.actor, rule).holds(&target)
    }

    /// Refuses what the caller may not do.
    ///
    /// **Errors**: `Forbidden`.
    pub fn authorize(
        &self,
        context: &RequestContext,
        rule: Rule,
        target: Target<'_>,
    ) -> Result<(), ControlError> {
        if self.allows(context, rule, target) {
            return Ok(());
        }
        Err(denied(rule))
    }

    /// How much of a collection the caller sees: everything with `all`, what the own project has a part in with `some`.
    ///
    /// **Errors**: `Forbidden` with neither.
    pub fn scope(&self, context: &RequestContext, all: Rule, some: Rule) -> Result<Scope, ControlError> {
        if self.allows(context, all, Target::NONE) {
            return Ok(Scope::Everything);
        }
        let project = context.actor.project.clone().ok_or_else(|| denied(all))?;
        self.authorize(context, some, Target::NONE)?;
        Ok(Scope::Project(project))
    }

    /// Reads a node on which the caller may do `rule`.
    ///
    /// **Errors**: `NotFound` when there is none or the caller may not know of it, `Forbidden`.
    pub async fn node_for(
        &self,
        context: &RequestContext,
        ident: &str,
        rule: Rule,
    ) -> Result<Node, ControlError> {
        let node = self.get_node(ident).await?;
        self.authorize_node(context, ident, &node, rule)?;
        Ok(node)
    }

    /// Refuses what the caller may not do to a node that was read as `ident`.
    ///
    /// **Errors**: `NotFound` when the caller may not know of it, `Forbidden`.
    pub fn authorize_node(
        &self,
        context: &RequestContext,
        ident: &str,
        node: &Node,
        rule: Rule,
    ) -> Result<(), ControlError> {
        if !self.allows(context, Rule::NodeGet, Target::node(node)) {
            return Err(ControlError::node_not_found(ident));
        }
        self.authorize(context, rule, Target::node(node))
    }

    /// The same of a node of which only the projects were read.
    ///
    /// **Errors**: as [`Self::authorize_node`].
    pub fn authorize_of_node(
        &self,
        context: &RequestContext,
        ident: &str,
        projects: &NodeProjects,
        rule: Rule,
    ) -> Result<(), ControlError> {
        let target = Target::of(projects);
        if !self.allows(context, Rule::NodeGet, target) {
            return Err(ControlError::node_not_found(ident));
        }
        self.authorize(context, rule, target)
    }

    /// The project whose nodes the caller gets to see in a list; none for all. `asked` is the project that the caller names.
    ///
    /// **Errors**: `Forbidden`, also when only the own project is seen and another is asked for.
    pub fn node_scope(
        &self,
        context: &RequestContext,
        asked: Option<&str>,
    ) -> Result<Option<String>, ControlError> {
        match self.scope(context, Rule::NodeListAll, Rule::NodeList)? {
            Scope::Everything => Ok(asked.map(str::to_owned)),
            Scope::Project(own) if asked.is_none_or(|asked| asked == own) => Ok(Some(own)),
            Scope::Project(_) => Err(denied(Rule::NodeListAll)),
        }
    }
}

fn denied(rule: Rule) -> ControlError {
    ControlError::Forbidden(format!("Access was denied to the following resource: {}", rule.name()))
}
