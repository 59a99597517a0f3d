//! What belongs to nodes: whoever may not know of the node may not know of it either.
//!
//! Source: `contract: rbac` section 2.

use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::policy::{Rule, Scope, Target};
use ferric_db::nodes::{NodeIdent, NodeProjects};
use ferric_model::json_patch::{PatchOp, PatchOperation};
use ferric_model::node::Node;

impl Control {
    /// Refuses what the caller may not do to something that belongs to a node of these projects.
    ///
    /// **Errors**: `hidden` when the caller may not know of the node, `Forbidden`.
    pub(crate) fn authorize_belonging(
        &self,
        context: &RequestContext,
        rule: Rule,
        projects: &NodeProjects,
        hidden: impl FnOnce() -> ControlError,
    ) -> Result<(), ControlError> {
        let target = Target::of(projects);
        if !self.allows(context, Rule::NodeGet, target) {
            return Err(hidden());
        }
        self.authorize(context, rule, target)
    }

    /// Reads the node that something new is to belong to.
    ///
    /// **Errors**: `Forbidden`, in the same words whether there is such a node or not; `unknown` when there is none.
    pub(crate) async fn node_to_extend(
        &self,
        context: &RequestContext,
        ident: &str,
        rule: Rule,
        unknown: impl FnOnce(String) -> ControlError,
    ) -> Result<Node, ControlError> {
        let node = self.find_node(ident).await?;
        self.authorize(context, rule, node.as_ref().map_or(Target::NONE, Target::node))?;
        node.ok_or_else(|| unknown(ControlError::node_not_found(ident).to_string()))
    }

    /// Whether the caller may know of every node that the scope of a list holds, so that whatever is found is theirs to see.
    pub(crate) fn knows_nodes_in(&self, context: &RequestContext, scope: &Scope) -> bool {
        let Some(project) = scope.project() else { return true };
        let owned = Target { node_owner: Some(project), ..Target::NONE };
        let leased = Target { node_lessee: Some(project), ..Target::NONE };
        [owned, leased].into_iter().all(|target| self.allows(context, Rule::NodeGet, target))
    }

    /// Tells a node to which nothing belongs from one that is not there, or that the caller may not know of.
    ///
    /// **Errors**: `NotFound`.
    pub(crate) async fn check_parent(
        &self,
        context: &RequestContext,
        node: Option<&NodeIdent>,
    ) -> Result<(), ControlError> {
        let ident = match node {
            Some(NodeIdent::Uuid(uuid)) => uuid.to_string(),
            Some(NodeIdent::Name(name)) => name.clone(),
            None => return Ok(()),
        };
        self.node_for(context, &ident, Rule::NodeGet).await.map(drop)
    }

    /// The node that something belongs to once a patch has been applied to it; `present` until then.
    ///
    /// **Errors**: `Invalid`, in the same words whether there is no such node, it has another owner, or the caller may not
    /// know of it.
    pub(crate) async fn node_after(
        &self,
        context: &RequestContext,
        present: Node,
        operations: &[PatchOperation],
    ) -> Result<Node, ControlError> {
        let named = operations.iter().find(|one| one.op != PatchOp::Remove && one.path == "/node_uuid");
        let Some(wanted) = named.and_then(|one| one.value.as_ref()) else { return Ok(present) };
        let text = wanted.as_str().map_or_else(|| wanted.to_string(), str::to_owned);
        let refused = || {
            let text =
                format!("Unable to apply the requested node_uuid '{text}'. Requested value was invalid.");
            ControlError::Invalid(text)
        };
        match self.node_for(context, &text, Rule::NodeGet).await {
            Ok(node) if node.owner == present.owner => Ok(node),
            Ok(_) | Err(ControlError::NotFound(_) | ControlError::Forbidden(_)) => Err(refused()),
            Err(error) => Err(error),
        }
    }
}
