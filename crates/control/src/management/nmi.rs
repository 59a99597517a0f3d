//! Interrupting the operating system of nodes.

use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::operation::check_interface;
use crate::policy::Rule;
use ferric_model::action::Action;
use ferric_model::hardware::InterfaceKind;
use serde_json::Value;

impl Control {
    /// Sends a node a non-maskable interrupt.
    ///
    /// **Errors**: `NotFound`, `Forbidden`; as [`Self::call`].
    pub async fn inject_nmi(&self, context: &RequestContext, ident: &str) -> Result<(), ControlError> {
        let node = self.node_for(context, ident, Rule::NodeInjectNmi).await?;
        check_interface(&node, InterfaceKind::Management)?;
        self.call(context, &node, Action::InjectNmi, Value::Null).await.map(drop)
    }
}
