//! Writes of nodes, noted by the database itself with each of them.

use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::schema::node_changes::{self, dsl as c};
use crate::types::{uuid, word};
use diesel::dsl::{max, min};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use diesel_async::RunQueryDsl;
use ferric_model::node::{ChangeKind, NodeChange, Projects};

#[derive(Queryable, Selectable)]
#[diesel(table_name = node_changes, check_for_backend(Pg, Sqlite))]
struct Row {
    revision: i64,
    node_uuid: String,
    generation: i64,
    kind: String,
    owner: Option<String>,
    lessee: Option<String>,
    owner_before: Option<String>,
    lessee_before: Option<String>,
}

impl Row {
    fn into_model(self) -> Result<NodeChange, DbError> {
        Ok(NodeChange {
            revision: self.revision,
            node_uuid: uuid("node_changes.node_uuid", &self.node_uuid)?,
            generation: self.generation,
            kind: word("node_changes.kind", &self.kind, ChangeKind::find)?,
            before: Projects { owner: self.owner_before, lessee: self.lessee_before },
            after: Projects { owner: self.owner, lessee: self.lessee },
        })
    }
}

/// Lists changes behind `revision`, and those among `also`, in the order of their revisions.
pub async fn list_after(
    conn: &mut Conn,
    revision: i64,
    also: &[i64],
    limit: i64,
) -> Result<Vec<NodeChange>, DbError> {
    let rows: Vec<Row> = on!(conn, |conn| c::node_changes
        .filter(c::revision.gt(revision).or(c::revision.eq_any(also)))
        .order(c::revision.asc())
        .limit(limit)
        .select(Row::as_select())
        .load(conn))?;
    rows.into_iter().map(Row::into_model).collect()
}

/// The revisions of the oldest and the newest change that is kept; none before the first.
pub async fn range(conn: &mut Conn) -> Result<Option<(i64, i64)>, DbError> {
    let found: (Option<i64>, Option<i64>) =
        on!(conn, |conn| c::node_changes.select((min(c::revision), max(c::revision))).get_result(conn))?;
    Ok(found.0.zip(found.1))
}

/// Deletes what is beyond the newest `keep` revisions, at most `batch` in one call, and returns how many.
pub async fn prune(conn: &mut Conn, keep: i64, batch: i64) -> Result<usize, DbError> {
    let Some((oldest, newest)) = range(conn).await? else { return Ok(0) };
    let last = (newest - keep.max(1)).min(oldest + batch - 1);
    on!(conn, |conn| diesel::delete(c::node_changes.filter(c::revision.le(last))).execute(conn))
}
