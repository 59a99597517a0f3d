//! Maintenance: nothing automatic touches the node.

use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::policy::Rule;
use ferric_model::node::Node;

impl Control {
    /// Puts a node into maintenance.
    ///
    /// **Errors**: `NotFound`, `Forbidden`.
    pub async fn set_maintenance(
        &self,
        context: &RequestContext,
        ident: &str,
        reason: Option<String>,
    ) -> Result<Node, ControlError> {
        self.change_node(ident, |node| {
            self.authorize_node(context, ident, node, Rule::NodeSetMaintenance)?;
            node.maintenance = true;
            node.spec.maintenance_reason.clone_from(&reason);
            Ok(())
        })
        .await
    }

    /// Takes a node out of maintenance and forgets why it was there.
    ///
    /// **Errors**: `NotFound`, `Forbidden`.
    pub async fn unset_maintenance(
        &self,
        context: &RequestContext,
        ident: &str,
    ) -> Result<Node, ControlError> {
        self.change_node(ident, |node| {
            self.authorize_node(context, ident, node, Rule::NodeClearMaintenance)?;
            node.maintenance = false;
            node.spec.maintenance_reason = None;
            node.fault = None;
            Ok(())
        })
        .await
    }
}
