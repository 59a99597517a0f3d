//! Maintenance: nothing automatic touches the node.

use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use ferric_model::node::Node;

impl Control {
    /// Puts a node into maintenance.
    ///
    /// **Errors**: `NotFound`.
    pub async fn set_maintenance(
        &self,
        _context: &RequestContext,
        ident: &str,
        reason: Option<String>,
    ) -> Result<Node, ControlError> {
        self.change_node(ident, |node| {
            node.maintenance = true;
            node.spec.maintenance_reason.clone_from(&reason);
            Ok(())
        })
        .await
    }

    /// Takes a node out of maintenance and forgets why it was there.
    ///
    /// **Errors**: `NotFound`.
    pub async fn unset_maintenance(
        &self,
        _context: &RequestContext,
        ident: &str,
    ) -> Result<Node, ControlError> {
        self.change_node(ident, |node| {
            node.maintenance = false;
            node.spec.maintenance_reason = None;
            node.fault = None;
            Ok(())
        })
        .await
    }
}
