//! The boot device of nodes.

use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::operation::check_interface;
use crate::policy::Rule;
use ferric_model::action::Action;
use ferric_model::hardware::{InterfaceKind, supported_boot_devices};
use ferric_model::node::Node;
use ferric_model::task::params;
use serde_json::{Value, json};

impl Control {
    /// Reads the boot device of a node.
    ///
    /// **Errors**: `NotFound`, `Forbidden`; as [`Self::call`].
    pub async fn get_boot_device(
        &self,
        context: &RequestContext,
        ident: &str,
    ) -> Result<Value, ControlError> {
        let node = self.node_for(context, ident, Rule::NodeGetBootDevice).await?;
        check_interface(&node, InterfaceKind::Management)?;
        self.call(context, &node, Action::GetBootDevice, Value::Null).await
    }

    /// Sets the boot device of a node.
    ///
    /// **Errors**: as [`Self::get_boot_device`]; `Invalid` for a device that the node's interface cannot set.
    pub async fn set_boot_device(
        &self,
        context: &RequestContext,
        ident: &str,
        device: &str,
        persistent: bool,
    ) -> Result<(), ControlError> {
        let node = self.node_for(context, ident, Rule::NodeSetBootDevice).await?;
        check_interface(&node, InterfaceKind::Management)?;
        if !devices(&node).contains(&device) {
            return Err(ControlError::Invalid(format!("Invalid boot device {device} specified.")));
        }
        let params = json!(params::BootDevice { boot_device: device.to_owned(), persistent });
        self.call(context, &node, Action::SetBootDevice, params).await.map(drop)
    }

    /// The boot devices that can be set.
    ///
    /// **Errors**: `NotFound`, `Forbidden`.
    pub async fn supported_boot_devices(
        &self,
        context: &RequestContext,
        ident: &str,
    ) -> Result<&'static [&'static str], ControlError> {
        let node = self.node_for(context, ident, Rule::NodeGetBootDevice).await?;
        Ok(devices(&node))
    }
}

fn devices(node: &Node) -> &'static [&'static str] {
    let management = node.spec.interfaces.get(&InterfaceKind::Management);
    supported_boot_devices(management.map_or("", String::as_str))
}
