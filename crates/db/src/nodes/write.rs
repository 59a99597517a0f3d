//! Writing nodes.

use super::changes::NodeChanges;
use super::row::NodeRow;
use crate::conn::{Conn, insert_all, on};
use crate::error::{Conflict, DbError};
use crate::prepared::Prepared;
use crate::schema::{nodes::dsl as n, tasks::dsl as t};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::node::Node;
use time::OffsetDateTime;
use uuid::Uuid;

/// The statement that writes the columns that differ, guarded by the generation that was read.
macro_rules! save_changed {
    ($uuid:expr, $read:expr, $changes:expr) => {
        diesel::update($crate::schema::nodes::dsl::nodes)
            .filter($crate::schema::nodes::dsl::uuid.eq($uuid))
            .filter($crate::schema::nodes::dsl::generation.eq($read))
            .set($changes)
    };
}
pub(crate) use save_changed;

/// Stores a new node and returns it with its row number and generation 1.
///
/// **Errors**: [`DbError::Conflict`] with `NodeUuid`, `NodeName`, `InstanceUuid` or `ChassisGone`.
pub async fn insert(conn: &mut Conn, node: &Node) -> Result<Node, DbError> {
    let mut node = Node { generation: 1, ..node.clone() };
    let row = NodeRow::new(&node)?;
    node.id = on!(conn, |c| diesel::insert_into(n::nodes).values(&row).returning(n::id).get_result(c))
        .map_err(|error| error.foreign_key_is(Conflict::ChassisGone))?;
    Ok(node)
}

/// Stores new nodes with one statement, all of them or none.
///
/// **Errors**: as [`insert`].
pub async fn insert_many(conn: &mut Conn, nodes: &[Node]) -> Result<(), DbError> {
    let rows: Vec<NodeRow> = nodes
        .iter()
        .map(|node| NodeRow::new(&Node { generation: 1, ..node.clone() }))
        .collect::<Result<_, _>>()?;
    insert_all!(conn, n::nodes, rows).map_err(|error| error.foreign_key_is(Conflict::ChassisGone))?;
    Ok(())
}

/// Writes all of `node` if it still has the generation it was read with, and counts the generation up.
///
/// False means that somebody else wrote first: nothing is changed, read again and decide anew.
///
/// **Errors**: [`DbError::Conflict`] with `NodeName`, `InstanceUuid` or `ChassisGone`.
pub async fn save(conn: &mut Conn, node: &Node, now: OffsetDateTime) -> Result<bool, DbError> {
    let (uuid, read) = (node.uuid.to_string(), node.generation);
    let row = NodeRow::new(node)?.written(read + 1, now);
    let written = on!(conn, |c| diesel::update(n::nodes)
        .filter(n::uuid.eq(&uuid))
        .filter(n::generation.eq(read))
        .set(&row)
        .execute(c))
    .map_err(|error| error.foreign_key_is(Conflict::ChassisGone))?;
    Ok(written == 1)
}

/// The same for a node that was `before` when it was read: only the columns that differ are written.
///
/// **Errors**: as [`save`].
pub async fn save_changes(
    conn: &mut Conn,
    before: &Node,
    node: &Node,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let (uuid, read) = (before.uuid.to_string(), before.generation);
    let changes = NodeChanges::between(before, node, now)?;
    let written = on!(conn, |c| Prepared(save_changed!(&uuid, read, &changes)).execute(c))
        .map_err(|error| error.foreign_key_is(Conflict::ChassisGone))?;
    Ok(written == 1)
}

/// Deletes a node with its ports, history, inventory and finished tasks if it still has this generation.
pub async fn delete(conn: &mut Conn, uuid: Uuid, generation: i64) -> Result<bool, DbError> {
    let uuid = uuid.to_string();
    let deleted = on!(conn, |c| diesel::delete(n::nodes)
        .filter(n::uuid.eq(&uuid))
        .filter(n::generation.eq(generation))
        .execute(c))?;
    if deleted == 1 {
        on!(conn, |c| diesel::delete(t::tasks)
            .filter(t::node_uuid.eq(&uuid))
            .filter(t::finished_at.is_not_null())
            .execute(c))?;
    }
    Ok(deleted == 1)
}
