//! VIFs: interfaces of virtual networks, attached to nodes.
//!
//! A conductor chooses the port and asks Neutron; its report says what changes in the node's ports.

use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::policy::Rule;
use ferric_db::{Conn, vifs};
use ferric_model::action::Action;
use ferric_model::hardware::InterfaceKind;
use ferric_model::node::Node;
use ferric_model::task::params::{AttachVif, DetachVif};
use ferric_model::vif::NETWORKS_WITHOUT_VIFS;
use serde_json::json;

impl Control {
    /// Lists the VIFs of a node.
    ///
    /// **Errors**: `NotFound`, `Forbidden`.
    pub async fn list_vifs(
        &self,
        context: &RequestContext,
        ident: &str,
    ) -> Result<Vec<String>, ControlError> {
        let node = self.node_for(context, ident, Rule::NodeVifList).await?;
        if !takes_vifs(&node) {
            return Ok(Vec::new());
        }
        Ok(self.store().read(async |conn: &mut Conn| vifs::list(conn, node.uuid).await).await?)
    }

    /// Attaches a VIF and waits until Neutron knows.
    ///
    /// **Errors**: `NotFound`, `Forbidden`; `Conflict` when it is attached already or cannot be used by this node; `Invalid` when
    /// nothing can take it or Neutron does not know it; as [`Self::call`].
    pub async fn attach_vif(
        &self,
        context: &RequestContext,
        ident: &str,
        wanted: &AttachVif,
    ) -> Result<(), ControlError> {
        let node = self.node_for(context, ident, Rule::NodeVifAttach).await?;
        if !takes_vifs(&node) {
            return Ok(());
        }
        self.call(context, &node, Action::AttachVif, json!(wanted)).await.map(drop)
    }

    /// Detaches a VIF and waits until Neutron knows.
    ///
    /// **Errors**: `NotFound`, `Forbidden`; `Invalid` when it is not attached; as [`Self::call`].
    pub async fn detach_vif(
        &self,
        context: &RequestContext,
        ident: &str,
        vif: &str,
    ) -> Result<(), ControlError> {
        let node = self.node_for(context, ident, Rule::NodeVifDetach).await?;
        if !takes_vifs(&node) {
            return Ok(());
        }
        let params = json!(DetachVif { vif: vif.to_owned() });
        self.call(context, &node, Action::DetachVif, params).await.map(drop)
    }
}

/// Whether VIFs mean anything to the node's network interface.
pub(crate) fn takes_vifs(node: &Node) -> bool {
    !NETWORKS_WITHOUT_VIFS.contains(&network(node))
}

fn network(node: &Node) -> &str {
    node.spec.interfaces.get(&InterfaceKind::Network).map_or(NETWORKS_WITHOUT_VIFS[0], String::as_str)
}
