//! Listing nodes.

use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::paging::unsortable;
use crate::policy::{NodeSights, Rule};
use ferric_db::nodes::{self, NodeFilter};
use ferric_db::{Conn, DbError};
use ferric_model::node::{Node, NodeColumns, NodeKey, NodeSheet, NodeVersion};
use ferric_model::page::Page;
use uuid::Uuid;

impl Control {
    /// Lists one page of nodes that the caller may see, whole.
    ///
    /// **Errors**: as [`Self::list_node_keys`].
    pub async fn list_nodes(
        &self,
        context: &RequestContext,
        filter: &NodeFilter,
        page: &Page,
    ) -> Result<Vec<Node>, ControlError> {
        let filter = self.seen(context, filter)?;
        let list = async |conn: &mut Conn| nodes::list(conn, &filter, page).await;
        let found = self.store().read(list).await.map_err(unsortable)?;
        self.explain_empty(found, &filter, page).await
    }

    /// Lists which nodes one page has.
    ///
    /// **Errors**: `Forbidden`; `NotFound` when the marker or the chassis is gone, `Invalid` for a key that nodes cannot be
    /// sorted by.
    pub async fn list_node_keys(
        &self,
        context: &RequestContext,
        filter: &NodeFilter,
        page: &Page,
    ) -> Result<Vec<NodeKey>, ControlError> {
        let filter = self.seen(context, filter)?;
        let list = async |conn: &mut Conn| nodes::list_keys(conn, &filter, page).await;
        let found = self.store().read(list).await.map_err(unsortable)?;
        self.explain_empty(found, &filter, page).await
    }

    /// Lists which writings of which nodes one page has; owner and lessee are absent where `sights`, those of the caller, do
    /// without.
    ///
    /// **Errors**: as [`Self::list_node_keys`].
    pub async fn list_node_versions(
        &self,
        context: &RequestContext,
        filter: &NodeFilter,
        page: &Page,
        sights: &NodeSights,
    ) -> Result<Vec<NodeVersion>, ControlError> {
        let filter = self.seen(context, filter)?;
        let projects = sights.differ_by_project();
        let list = async |conn: &mut Conn| nodes::list_versions(conn, &filter, page, projects).await;
        let found = self.store().read(list).await.map_err(unsortable)?;
        self.explain_empty(found, &filter, page).await
    }

    /// Lists what is shown of the nodes of one page.
    ///
    /// **Errors**: as [`Self::list_node_keys`].
    pub async fn list_node_sheets(
        &self,
        context: &RequestContext,
        filter: &NodeFilter,
        page: &Page,
        columns: NodeColumns,
    ) -> Result<Vec<NodeSheet>, ControlError> {
        let filter = self.seen(context, filter)?;
        let list = async |conn: &mut Conn| nodes::list_sheets(conn, &filter, page, columns).await;
        let found = self.store().read(list).await.map_err(unsortable)?;
        self.explain_empty(found, &filter, page).await
    }

    /// What is shown of the nodes in these rows, in no order; those that are not in the list any more are left out.
    ///
    /// **Errors**: `Forbidden`.
    pub async fn node_sheets(
        &self,
        context: &RequestContext,
        filter: &NodeFilter,
        ids: Vec<i64>,
        columns: NodeColumns,
    ) -> Result<Vec<NodeSheet>, ControlError> {
        let filter = NodeFilter { ids: Some(ids), ..self.seen(context, filter)? };
        let find = async |conn: &mut Conn| nodes::find_sheets(conn, &filter, columns).await;
        self.store().read(find).await.map_err(ControlError::Database)
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
        let filter = NodeFilter { parent_node: Some(node.uuid.into()), ..NodeFilter::default() };
        let page = Page { limit: self.settings().max_limit, ..Page::default() };
        let children = self.list_node_keys(context, &filter, &page).await?;
        Ok((node, children.into_iter().map(|child| child.uuid).collect()))
    }

    /// The filter, narrowed to what the caller may see.
    pub(crate) fn seen(
        &self,
        context: &RequestContext,
        filter: &NodeFilter,
    ) -> Result<NodeFilter, ControlError> {
        let project = self.node_scope(context, filter.project.as_deref())?;
        Ok(NodeFilter { project, ..filter.clone() })
    }

    /// Tells a page that is empty from one that cannot be: only then is more asked than the page.
    async fn explain_empty<T>(
        &self,
        found: Vec<T>,
        filter: &NodeFilter,
        page: &Page,
    ) -> Result<Vec<T>, ControlError> {
        if !found.is_empty() {
            return Ok(found);
        }
        if let Some(marker) = &page.marker {
            let known = async |conn: &mut Conn| nodes::marker_exists(conn, marker).await;
            if !self.store().read(known).await.map_err(|error: DbError| ControlError::from(error))? {
                return Err(ControlError::node_not_found(marker));
            }
        }
        if let Some(chassis) = filter.chassis_uuid {
            self.check_chassis_exists(&chassis.to_string()).await?;
        }
        Ok(found)
    }
}
