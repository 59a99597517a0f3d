//! Reading nodes.

use super::NodeIdent;
use super::filter::{NodeFilter, narrowed};
use super::row::NodeRow;
use super::sort::NODES;
use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::paging::paged;
use crate::schema::{nodes::dsl as n, ports::dsl as p, tasks::dsl as t};
use crate::tasks::TaskRow;
use crate::types::uuid;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::node::Node;
use ferric_model::page::Page;
use ferric_model::task::Task;
use uuid::Uuid;

/// A node with its tasks that have not ended, oldest first.
pub type WithTasks = (Node, Vec<Task>);

/// Finds one node.
pub async fn find(conn: &mut Conn, ident: &NodeIdent) -> Result<Option<Node>, DbError> {
    let row: Option<(i64, NodeRow)> = on!(conn, Db, |c| async {
        let query = n::nodes.select((n::id, NodeRow::as_select())).into_boxed::<Db>();
        let query = match ident {
            NodeIdent::Uuid(uuid) => query.filter(n::uuid.eq(uuid.to_string())),
            NodeIdent::Name(name) => query.filter(n::name.eq(name)),
        };
        query.first(c).await.optional()
    })?;
    row.map(|(id, row)| row.into_model(id)).transpose()
}

/// Finds one node with its tasks that have not ended, oldest first.
pub async fn find_with_tasks(conn: &mut Conn, ident: &NodeIdent) -> Result<Option<WithTasks>, DbError> {
    Ok(with_tasks(conn, Which::Named(ident)).await?.pop())
}

/// Finds the nodes that have a port with one of these addresses, with their tasks that have not ended, oldest first.
pub async fn find_by_addresses(conn: &mut Conn, addresses: &[String]) -> Result<Vec<WithTasks>, DbError> {
    with_tasks(conn, Which::Carries(addresses)).await
}

/// Finds nodes with their tasks that have not ended, in the order of their creation, the oldest task of each first.
pub async fn list_with_tasks(conn: &mut Conn, uuids: &[Uuid]) -> Result<Vec<WithTasks>, DbError> {
    let uuids: Vec<String> = uuids.iter().map(Uuid::to_string).collect();
    grouped(on!(conn, |c| {
        // Said twice whose tasks are meant: else all that have not ended are looked through, with what is left in their index of
        // those that have.
        let unfinished =
            t::node_uuid.eq(n::uuid).and(t::finished_at.is_null()).and(t::node_uuid.eq_any(&uuids));
        n::nodes
            .left_join(t::tasks.on(unfinished))
            .filter(n::uuid.eq_any(&uuids))
            .select((n::id, NodeRow::as_select(), Option::<TaskRow>::as_select()))
            .order((n::id.asc(), t::created_at.asc(), t::id.asc()))
            .load(c)
    }))
}

/// Which nodes are meant.
enum Which<'a> {
    Named(&'a NodeIdent),
    Carries(&'a [String]),
}

async fn with_tasks(conn: &mut Conn, which: Which<'_>) -> Result<Vec<WithTasks>, DbError> {
    grouped(on!(conn, Db, |c| {
        let unfinished = t::tasks.on(t::node_uuid.eq(n::uuid).and(t::finished_at.is_null()));
        let query = n::nodes
            .left_join(unfinished)
            .select((n::id, NodeRow::as_select(), Option::<TaskRow>::as_select()))
            .order((n::id.asc(), t::created_at.asc(), t::id.asc()))
            .into_boxed::<Db>();
        let query = match which {
            Which::Named(NodeIdent::Uuid(uuid)) => query.filter(n::uuid.eq(uuid.to_string())),
            Which::Named(NodeIdent::Name(name)) => query.filter(n::name.eq(name)),
            Which::Carries(addresses) => {
                let carriers = p::ports.filter(p::address.eq_any(addresses)).select(p::node_uuid);
                query.filter(n::uuid.eq_any(carriers))
            }
        };
        query.load(c)
    }))
}

/// Each node once, with its tasks.
fn grouped(rows: Result<Vec<(i64, NodeRow, Option<TaskRow>)>, DbError>) -> Result<Vec<WithTasks>, DbError> {
    let mut found: Vec<WithTasks> = Vec::new();
    for (id, row, task) in rows? {
        if found.last().is_none_or(|(node, _)| node.id != id) {
            found.push((row.into_model(id)?, Vec::new()));
        }
        if let (Some((_, active)), Some(task)) = (found.last_mut(), task) {
            active.push(task.into_model()?);
        }
    }
    Ok(found)
}

/// Lists one page in one statement. An unknown marker gives an empty page; see [`marker_exists`].
///
/// **Errors**: [`DbError::UnsupportedSort`].
pub async fn list(conn: &mut Conn, filter: &NodeFilter, page: &Page) -> Result<Vec<Node>, DbError> {
    let paging = NODES.paging(page)?;
    let rows: Vec<(i64, NodeRow)> = on!(conn, Db, |c| {
        let query = n::nodes.select((n::id, NodeRow::as_select())).into_boxed::<Db>();
        paged!(narrowed!(query, filter), paging).load(c)
    })?;
    rows.into_iter().map(|(id, row)| row.into_model(id)).collect()
}

/// Whether a marker names a node: what to ask when a page with a marker came back empty.
pub async fn marker_exists(conn: &mut Conn, marker: &str) -> Result<bool, DbError> {
    on!(conn, |c| diesel::select(diesel::dsl::exists(n::nodes.filter(n::uuid.eq(marker)))).get_result(c))
}

/// Counts nodes.
pub async fn count(conn: &mut Conn, filter: &NodeFilter) -> Result<i64, DbError> {
    on!(conn, Db, |c| {
        let query = n::nodes.select(diesel::dsl::count_star()).into_boxed::<Db>();
        narrowed!(query, filter).get_result(c)
    })
}

/// Which of these nodes have others inside.
pub async fn list_parents(conn: &mut Conn, among: &[Uuid]) -> Result<Vec<Uuid>, DbError> {
    let among: Vec<String> = among.iter().map(Uuid::to_string).collect();
    let rows: Vec<Option<String>> = on!(conn, |c| n::nodes
        .filter(n::parent_node.eq_any(&among))
        .select(n::parent_node)
        .distinct()
        .load(c))?;
    rows.iter().flatten().map(|text| uuid("nodes.parent_node", text)).collect()
}

/// Counts nodes by shard, those without one first, then by name.
pub async fn count_by_shard(conn: &mut Conn) -> Result<Vec<(Option<String>, i64)>, DbError> {
    let mut rows: Vec<(Option<String>, i64)> =
        on!(conn, |c| n::nodes.group_by(n::shard).select((n::shard, diesel::dsl::count_star())).load(c))?;
    rows.sort();
    Ok(rows)
}
