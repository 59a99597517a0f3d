//! Vendor methods of nodes.

use super::{VendorReply, VendorRequest, checked};
use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::nodes::offer;
use crate::policy::Rule;
use ferric_model::action::Action;
use ferric_model::hardware::InterfaceKind;
use ferric_model::node::Node;
use ferric_model::task::params;
use ferric_model::vendor::VendorMethod;
use serde_json::json;
use std::collections::BTreeMap;

impl Control {
    /// The vendor methods of a node.
    ///
    /// **Errors**: `NotFound`, `Forbidden`; `Invalid` when no living conductor has the node's driver.
    pub async fn list_vendor_methods(
        &self,
        context: &RequestContext,
        ident: &str,
    ) -> Result<BTreeMap<String, VendorMethod>, ControlError> {
        let node = self.node_for(context, ident, Rule::NodeVendorPassthru).await?;
        self.methods_of(&node).await
    }

    /// Calls a vendor method of a node.
    ///
    /// **Errors**: as [`Self::list_vendor_methods`] and [`Self::call`]; `Invalid` for a method that there is not, and for a
    /// call that it does not take.
    pub async fn call_vendor_method(
        &self,
        context: &RequestContext,
        ident: &str,
        request: VendorRequest,
    ) -> Result<VendorReply, ControlError> {
        let node = self.node_for(context, ident, Rule::NodeVendorPassthru).await?;
        let methods = self.methods_of(&node).await?;
        let is_async = checked(&methods, &request)?.is_async;
        let VendorRequest { method, http_method, args } = request;
        let params = json!(params::VendorMethod { method, http_method, args });
        if is_async {
            self.begin_operation(context, &node, Action::RunVendorMethod, params, |_| Ok(())).await?;
            return Ok(VendorReply::Accepted);
        }
        self.call(context, &node, Action::CallVendorMethod, params).await.map(VendorReply::Done)
    }

    async fn methods_of(&self, node: &Node) -> Result<BTreeMap<String, VendorMethod>, ControlError> {
        let conductors = self.live_conductors().await?;
        let vendor = node.spec.interfaces.get(&InterfaceKind::Vendor).map_or("", String::as_str);
        let offered = offer(&conductors, node)?.vendor.get(vendor);
        Ok(offered.map(|methods| methods.node.clone()).unwrap_or_default())
    }
}
