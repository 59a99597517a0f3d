//! What installers logged last, one row for each node.

use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::schema::installer_logs::dsl as l;
use crate::types::uuid;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

/// The last lines of an installer's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallerLog {
    /// The installation.
    pub task_id: Uuid,
    /// Its last lines.
    pub tail: String,
}

/// Keeps the last lines of a node's installation, in place of whatever was kept before.
///
/// **Errors**: [`DbError::Conflict`] with `NodeGone`.
pub async fn save(conn: &mut Conn, node_uuid: Uuid, task_id: Uuid, tail: &str) -> Result<(), DbError> {
    let (node_uuid, task_id) = (node_uuid.to_string(), task_id.to_string());
    on!(conn, |c| diesel::insert_into(l::installer_logs)
        .values((l::node_uuid.eq(&node_uuid), l::task_id.eq(&task_id), l::tail.eq(tail)))
        .on_conflict(l::node_uuid)
        .do_update()
        .set((l::task_id.eq(&task_id), l::tail.eq(tail)))
        .execute(c))?;
    Ok(())
}

/// Finds what is kept for a node.
pub async fn find(conn: &mut Conn, node_uuid: Uuid) -> Result<Option<InstallerLog>, DbError> {
    let node_uuid = node_uuid.to_string();
    let row: Option<(String, String)> = on!(conn, |c| async {
        let query = l::installer_logs.filter(l::node_uuid.eq(&node_uuid)).select((l::task_id, l::tail));
        query.first(c).await.optional()
    })?;
    row.map(|(task_id, tail)| Ok(InstallerLog { task_id: uuid("installer_logs.task_id", &task_id)?, tail }))
        .transpose()
}
