//! Showing one node.

use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::policy::Rule;
use crate::task_read::node_ident;
use ferric_db::Conn;
use ferric_db::nodes::{self, NodeProjects};
use ferric_model::node::{NodeColumns, NodeSheet};

impl Control {
    /// What is shown of a node on which the caller may do `rule`.
    ///
    /// **Errors**: `NotFound` when there is none or the caller may not know of it, `Forbidden`.
    pub async fn show_node(
        &self,
        context: &RequestContext,
        ident: &str,
        rule: Rule,
        columns: NodeColumns,
    ) -> Result<NodeSheet, ControlError> {
        let wanted = node_ident(ident);
        let find = async |conn: &mut Conn| nodes::find_sheet(conn, &wanted, columns).await;
        let sheet = self.store().read(find).await?.ok_or_else(|| ControlError::node_not_found(ident))?;
        let of = NodeProjects { owner: sheet.key.owner.clone(), lessee: sheet.key.lessee.clone() };
        self.authorize_of_node(context, ident, &of, rule)?;
        Ok(sheet)
    }
}
