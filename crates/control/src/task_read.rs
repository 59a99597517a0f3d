//! Small reads that several use cases share.

use crate::claim::ClaimRead;
use crate::control::Control;
use crate::error::ControlError;
use crate::gather::Reads;
use crate::request_reads::Read;
use ferric_db::nodes::{self, NodeFilter, NodeIdent, OfNodes, WithTasks};
use ferric_db::portgroups::{self, PortgroupFilter};
use ferric_db::ports::{self, PortFilter};
use ferric_db::{Conn, DbError, sweeps, tasks};
use ferric_model::node::Node;
use ferric_model::page::Page;
use ferric_model::port::Port;
use ferric_model::portgroup::Portgroup;
use ferric_model::task::Task;
use std::collections::HashMap;
use uuid::Uuid;

/// What is read together where several ask for it at the same time.
#[derive(Debug, Default)]
pub(crate) struct SmallReads {
    /// What most claims need to know.
    pub claims: Reads<ClaimRead>,
    /// Tasks with their nodes.
    tasks: Reads<(Task, Node)>,
    /// Nodes with their unfinished tasks.
    nodes: Reads<Read>,
    /// Nodes with others inside.
    parents: Reads<()>,
}

/// How a caller names a node: a UUID, or else a name.
pub(crate) fn node_ident(text: &str) -> NodeIdent {
    NodeIdent::read(text)
}

/// The ports of a node.
pub(crate) async fn ports_of(conn: &mut Conn, node_uuid: Uuid) -> Result<Vec<Port>, DbError> {
    let filter = PortFilter {
        of: OfNodes { node: Some(node_uuid.into()), ..OfNodes::default() },
        ..PortFilter::default()
    };
    ports::list(conn, &filter, &Page::default()).await
}

/// The portgroups of a node.
pub(crate) async fn portgroups_of(conn: &mut Conn, node_uuid: Uuid) -> Result<Vec<Portgroup>, DbError> {
    let of = OfNodes { node: Some(node_uuid.into()), ..OfNodes::default() };
    let filter = PortgroupFilter { of, ..PortgroupFilter::default() };
    portgroups::list(conn, &filter, &Page::default()).await
}

/// The ports with one of these addresses, of whatever node.
pub(crate) async fn ports_with(conn: &mut Conn, addresses: &[String]) -> Result<Vec<Port>, DbError> {
    if addresses.is_empty() {
        return Ok(Vec::new());
    }
    let filter = PortFilter { addresses: Some(addresses.to_vec()), ..PortFilter::default() };
    ports::list(conn, &filter, &Page::default()).await
}

/// These nodes, children included; those that are gone are left out.
pub(crate) async fn nodes_of(conn: &mut Conn, uuids: &[Uuid]) -> Result<Vec<Node>, DbError> {
    let filter = NodeFilter { uuids: Some(uuids.to_vec()), include_children: true, ..NodeFilter::default() };
    nodes::list(conn, &filter, &Page::default()).await
}

impl Control {
    /// The task with its node, unless either is gone.
    pub(crate) async fn read_task(&self, id: Uuid) -> Result<Option<(Task, Node)>, DbError> {
        self.reads().tasks.find(id, |ids| self.find_tasks(ids)).await
    }

    async fn find_tasks(&self, ids: Vec<Uuid>) -> Result<HashMap<Uuid, (Task, Node)>, DbError> {
        let list = async |conn: &mut Conn| tasks::find_with_nodes(conn, &ids).await;
        let found: Vec<(Task, Node)> = self.store().read(list).await?;
        Ok(found.into_iter().map(|read| (read.0.id, read)).collect())
    }

    /// Whether other nodes are inside the node.
    pub(crate) async fn has_children(&self, node: Uuid) -> Result<bool, DbError> {
        Ok(self.reads().parents.find(node, |among| self.find_parents(among)).await?.is_some())
    }

    async fn find_parents(&self, among: Vec<Uuid>) -> Result<HashMap<Uuid, ()>, DbError> {
        let list = async |conn: &mut Conn| nodes::list_parents(conn, &among).await;
        let found: Vec<Uuid> = self.store().read(list).await?;
        Ok(found.into_iter().map(|uuid| (uuid, ())).collect())
    }

    async fn find_nodes(&self, uuids: Vec<Uuid>) -> Result<HashMap<Uuid, Read>, DbError> {
        let list = async |conn: &mut Conn| nodes::list_with_tasks(conn, &uuids).await;
        let found: Vec<WithTasks> = self.store().read(list).await?;
        Ok(found.into_iter().map(|(node, active)| (node.uuid, Read { node, active })).collect())
    }

    /// The node, if it is there.
    pub(crate) async fn find_node(&self, ident: &str) -> Result<Option<Node>, ControlError> {
        let wanted = node_ident(ident);
        Ok(self.store().read(async |conn: &mut Conn| nodes::find(conn, &wanted).await).await?)
    }

    /// The node with its tasks that have not ended.
    pub(crate) async fn read_node(&self, ident: &NodeIdent) -> Result<Option<Read>, ControlError> {
        let NodeIdent::Uuid(uuid) = ident else {
            let find = async |conn: &mut Conn| nodes::find_with_tasks(conn, ident).await;
            let found: Option<WithTasks> = self.store().read(find).await?;
            return Ok(found.map(|(node, active)| Read { node, active }));
        };
        Ok(self.reads().nodes.find(*uuid, |uuids| self.find_nodes(uuids)).await?)
    }

    /// Whether this process is the one that carries out `sweep` in the window of time numbered `window`.
    pub(crate) async fn win_window(&self, sweep: &'static str, window: i64) -> Result<bool, ControlError> {
        let won = self
            .store()
            .write("window", async |conn: &mut Conn| sweeps::win(conn, sweep, window).await)
            .await
            .map_err(ControlError::Database)?;
        Ok(won)
    }
}
