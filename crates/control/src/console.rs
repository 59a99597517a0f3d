//! The consoles of nodes.

use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::operation::check_interface;
use crate::policy::Rule;
use ferric_model::action::Action;
use ferric_model::hardware::InterfaceKind;
use serde_json::Value;

impl Control {
    /// How the console of a node is reached; none when no console runs.
    ///
    /// **Errors**: `NotFound`, `Forbidden`; as [`Self::call`].
    pub async fn get_console(
        &self,
        context: &RequestContext,
        ident: &str,
    ) -> Result<Option<Value>, ControlError> {
        let node = self.node_for(context, ident, Rule::NodeGetConsole).await?;
        if !node.status.console_enabled {
            return Ok(None);
        }
        check_interface(&node, InterfaceKind::Console)?;
        self.call(context, &node, Action::GetConsole, Value::Null).await.map(Some)
    }

    /// Accepts to start or stop the console of a node; a conductor carries it out. A console that is as wanted is left as
    /// it is.
    ///
    /// **Errors**: `NotFound`, `Forbidden`; `Invalid` when the node has no console; `NodeLocked`, `NoConductor`.
    pub async fn set_console(
        &self,
        context: &RequestContext,
        ident: &str,
        enabled: bool,
    ) -> Result<(), ControlError> {
        let node = self.node_for(context, ident, Rule::NodeSetConsoleState).await?;
        check_interface(&node, InterfaceKind::Console)?;
        if node.status.console_enabled == enabled {
            return Ok(());
        }
        let action = if enabled { Action::StartConsole } else { Action::StopConsole };
        self.begin_operation(context, &node, action, Value::Null, |_| Ok(())).await
    }
}
