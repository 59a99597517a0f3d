//! Virtual network interfaces of nodes.
//!
//! The only network interface there is, `noop`, leaves all networks as they are: VIFs are accepted and forgotten, which
//! is what callers that attach them to every node count on.

use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::policy::Rule;

impl Control {
    /// Lists the VIFs of a node.
    ///
    /// **Errors**: `NotFound`, `Forbidden`.
    pub async fn list_vifs(
        &self,
        context: &RequestContext,
        ident: &str,
    ) -> Result<Vec<String>, ControlError> {
        Ok(self.node_for(context, ident, Rule::NodeVifList).await?.status.vifs)
    }

    /// Attaches a VIF.
    ///
    /// **Errors**: `NotFound`, `Forbidden`.
    pub async fn attach_vif(
        &self,
        context: &RequestContext,
        ident: &str,
        _vif: &str,
    ) -> Result<(), ControlError> {
        self.node_for(context, ident, Rule::NodeVifAttach).await.map(drop)
    }

    /// Detaches a VIF.
    ///
    /// **Errors**: `NotFound`, `Forbidden`.
    pub async fn detach_vif(
        &self,
        context: &RequestContext,
        ident: &str,
        _vif: &str,
    ) -> Result<(), ControlError> {
        self.node_for(context, ident, Rule::NodeVifDetach).await.map(drop)
    }
}
