//! Saying whether what operators wrote suffices for each interface of a node.

use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::policy::Rule;
use crate::task_read::ports_of;
use ferric_db::Conn;
use ferric_model::hardware::{InterfaceKind, validate_interface};

/// Whether one interface of a node can work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterfaceVerdict {
    /// The interface.
    pub kind: InterfaceKind,
    /// What stands in its way; none when nothing does.
    pub problem: Option<String>,
}

impl Control {
    /// Checks every interface but `vendor`, from data alone.
    ///
    /// **Errors**: `NotFound`; `Forbidden`; `Invalid` when no living conductor has the node's driver.
    pub async fn validate_node(
        &self,
        context: &RequestContext,
        ident: &str,
    ) -> Result<Vec<InterfaceVerdict>, ControlError> {
        let node = self.node_for(context, ident, Rule::NodeValidate).await?;
        super::interfaces::offer(&self.live_conductors().await?, &node)?;
        let ports = self.store().read(async |conn: &mut Conn| ports_of(conn, node.uuid).await).await?;
        let verdict =
            |kind| InterfaceVerdict { kind, problem: validate_interface(&node, &ports, kind).err() };
        let kinds = InterfaceKind::ALL.into_iter().filter(|kind| *kind != InterfaceKind::Vendor);
        Ok(kinds.map(verdict).collect())
    }
}
