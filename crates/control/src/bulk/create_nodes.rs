//! Items that become nodes: many are written by one statement, and one by one only if a part of them cannot be.

use super::carry_out::Order;
use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::nodes::{NewNode, taken};
use crate::request_reads::in_request;
use ferric_db::{Conn, DbError, nodes, operations};
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Node;
use ferric_model::operation::OperationItem;

/// Why nodes were not written.
enum Undone {
    /// An item was given up in between.
    GivenUp,
    Db(DbError),
}

impl From<DbError> for Undone {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

impl Control {
    /// Creates the nodes of items that were not begun; gives how many are not pending any more.
    pub(super) async fn create_items(
        &self,
        order: &Order,
        items: Vec<OperationItem>,
    ) -> Result<usize, ControlError> {
        let (mut settled, mut ready) = (0, Vec::with_capacity(items.len()));
        for item in items {
            let context = order.caller.context(item.id);
            match in_request(self.prepare_item(&context, &item)).await {
                Ok(node) => ready.push((item, node)),
                Err(error) => settled += usize::from(self.refuse(&item, error).await?),
            }
        }
        match self.write_nodes(&ready).await {
            Ok(()) => return Ok(settled + ready.len()),
            Err(Undone::GivenUp | Undone::Db(DbError::Conflict { .. })) => {}
            Err(Undone::Db(error)) => return Err(error.into()),
        }
        for (item, node) in ready {
            settled += usize::from(match self.write_node(&item, node).await {
                Ok(()) => true,
                Err(error) => self.refuse(&item, error).await?,
            });
        }
        Ok(settled)
    }

    /// Creates the node of one item.
    pub(super) async fn create_item(
        &self,
        context: &RequestContext,
        item: &OperationItem,
    ) -> Result<(), ControlError> {
        let node = self.prepare_item(context, item).await?;
        self.write_node(item, node).await
    }

    async fn prepare_item(
        &self,
        context: &RequestContext,
        item: &OperationItem,
    ) -> Result<Node, ControlError> {
        let new = NewNode::parse(&item.document)?;
        let context = RequestContext { identity: item.subject.parse().ok(), ..context.clone() };
        self.prepare_node(&context, &new, ProvisionState::Enroll).await
    }

    async fn write_node(&self, item: &OperationItem, node: Node) -> Result<(), ControlError> {
        let one = [(item.clone(), node)];
        match self.write_nodes(&one).await {
            Ok(()) | Err(Undone::GivenUp) => Ok(()),
            Err(Undone::Db(error)) => Err(taken(error.into(), &one[0].1)),
        }
    }

    /// Writes the nodes and ends their items, all or none.
    async fn write_nodes(&self, ready: &[(OperationItem, Node)]) -> Result<(), Undone> {
        if ready.is_empty() {
            return Ok(());
        }
        let (ids, nodes): (Vec<i64>, Vec<Node>) =
            ready.iter().map(|(item, node)| (item.id, node.clone())).unzip();
        let now = self.now();
        self.store()
            .write("create_nodes", async |conn: &mut Conn| {
                if operations::end_items(conn, &ids, now).await? < ids.len() {
                    return Err(Undone::GivenUp);
                }
                nodes::insert_many(conn, &nodes).await?;
                Ok(())
            })
            .await?;
        self.feed().ring();
        Ok(())
    }
}
