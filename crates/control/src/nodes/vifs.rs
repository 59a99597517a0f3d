//! Virtual network interfaces of nodes.
//!
//! The only network interface there is, `noop`, leaves all networks as they are: VIFs are accepted and forgotten, which
//! is what callers that attach them to every node count on.

use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;

impl Control {
    /// Lists the VIFs of a node.
    ///
    /// **Errors**: `NotFound`.
    pub async fn list_vifs(
        &self,
        _context: &RequestContext,
        ident: &str,
    ) -> Result<Vec<String>, ControlError> {
        Ok(self.get_node(ident).await?.status.vifs)
    }

    /// Attaches a VIF.
    ///
    /// **Errors**: `NotFound`.
    pub async fn attach_vif(
        &self,
        _context: &RequestContext,
        ident: &str,
        _vif: &str,
    ) -> Result<(), ControlError> {
        self.get_node(ident).await.map(drop)
    }

    /// Detaches a VIF.
    ///
    /// **Errors**: `NotFound`.
    pub async fn detach_vif(
        &self,
        _context: &RequestContext,
        ident: &str,
        _vif: &str,
    ) -> Result<(), ControlError> {
        self.get_node(ident).await.map(drop)
    }
}
