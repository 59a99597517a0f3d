//! The boot mode and secure boot of nodes.

use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::operation::check_interface;
use crate::policy::Rule;
use ferric_model::action::Action;
use ferric_model::hardware::InterfaceKind;
use ferric_model::node::Node;
use ferric_model::task::params;
use serde_json::json;

/// The boot modes that there are.
const BOOT_MODES: [&str; 2] = ["bios", "uefi"];

impl Control {
    /// Accepts a change of the boot mode; a conductor carries it out.
    ///
    /// **Errors**: `NotFound`, `Forbidden`; `Invalid` for a mode that there is not; `Conflict` while work runs on the node
    /// or is awaited; `NodeLocked`, `NoConductor`.
    pub async fn set_boot_mode(
        &self,
        context: &RequestContext,
        ident: &str,
        target: &str,
    ) -> Result<(), ControlError> {
        let node = self.node_for(context, ident, Rule::NodeSetBootMode).await?;
        if !BOOT_MODES.contains(&target) {
            return Err(ControlError::Invalid(format!(
                "Invalid boot mode {target} requested for node. Allowed boot modes are: {}",
                BOOT_MODES.join(", ")
            )));
        }
        let params = json!(params::BootMode { target: target.to_owned() });
        self.begin_operation(context, &node, Action::SetBootMode, params, may_change).await
    }

    /// Accepts to switch secure boot; a conductor carries it out.
    ///
    /// **Errors**: as [`Self::set_boot_mode`].
    pub async fn set_secure_boot(
        &self,
        context: &RequestContext,
        ident: &str,
        target: bool,
    ) -> Result<(), ControlError> {
        let node = self.node_for(context, ident, Rule::NodeSetSecureBoot).await?;
        let params = json!(params::SecureBoot { target });
        self.begin_operation(context, &node, Action::SetSecureBoot, params, may_change).await
    }
}

fn may_change(node: &Node) -> Result<(), ControlError> {
    if node.state().is_unstable() {
        return Err(ControlError::Conflict(format!(
            "Node is in {} state. Since node is transitioning, the boot mode will not be set as this may interfere with \
             ongoing changes and result in erroneous modification. Try again later.",
            node.state()
        )));
    }
    check_interface(node, InterfaceKind::Management)
}
