//! Listing nodes.

use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::paging::unsortable;
use crate::policy::Rule;
use ferric_db::Conn;
use ferric_db::nodes::{self, NodeFilter};
use ferric_model::node::Node;
use ferric_model::page::Page;
use uuid::Uuid;

impl Control {
    /// Lists one page of nodes.
    ///
    /// **Errors**: `NotFound` when the marker or the chassis is gone, `Invalid` for a key that nodes cannot be sorted by.
    pub async fn list_nodes(
        &self,
        context: &RequestContext,
        filter: &NodeFilter,
        page: &Page,
    ) -> Result<Vec<Node>, ControlError> {
        let project = self.node_scope(context, filter.project.as_deref())?;
        let filter = &NodeFilter { project, ..filter.clone() };
        if let Some(marker) = &page.marker {
            let known =
                self.store().read(async |conn: &mut Conn| nodes::marker_exists(conn, marker).await).await?;
            if !known {
                return Err(ControlError::node_not_found(marker));
            }
        }
        let list = async |conn: &mut Conn| nodes::list(conn, filter, page).await;
        let found = self.store().read(list).await.map_err(unsortable)?;
        if found.is_empty()
            && let Some(chassis) = filter.chassis_uuid
        {
            self.check_chassis_exists(&chassis.to_string()).await?;
        }
        Ok(found)
    }

    /// Lists the nodes that a node contains.
    ///
    /// **Errors**: `NotFound`.
    pub async fn list_children(
        &self,
        context: &RequestContext,
        ident: &str,
    ) -> Result<(Node, Vec<Uuid>), ControlError> {
        let node = self.node_for(context, ident, Rule::NodeGet).await?;
        let filter = NodeFilter { parent_node: Some(node.uuid), ..NodeFilter::default() };
        let page = Page { limit: self.settings().max_limit, ..Page::default() };
        let children = self.list_nodes(context, &filter, &page).await?;
        Ok((node, children.into_iter().map(|child| child.uuid).collect()))
    }
}
