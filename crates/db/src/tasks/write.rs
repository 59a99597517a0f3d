//! Writing tasks.

use super::row::{TaskChanges, TaskRow, bind_row};
use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::prepared::Prepared;
use crate::schema::tasks::{self, dsl as t};
use crate::types::{stored_time, uuid};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use ferric_model::action::Action;
use ferric_model::task::{Fence, Task, TaskState};
use time::OffsetDateTime;
use uuid::Uuid;

diesel::infix_operator!(Joined, " || ' ' || ", Text);

/// The statement that writes a task where it still is as the fence has it.
macro_rules! save_fenced {
    ($id:expr, $fence:expr) => {{
        use $crate::schema::tasks::dsl as t;
        let fence: &ferric_model::task::Fence = $fence;
        diesel::update(t::tasks)
            .filter(t::id.eq($id))
            .filter(t::epoch.eq(fence.epoch))
            .filter(t::sequence.eq(fence.sequence))
            .filter(t::state.eq(fence.state.as_str()))
    }};
}
pub(crate) use save_fenced;

/// Stores a new task.
///
/// **Errors**: [`DbError::Conflict`] with `Task`.
pub async fn insert(conn: &mut Conn, task: &Task) -> Result<(), DbError> {
    let row = TaskRow::new(task)?;
    on!(conn, |c| diesel::insert_into(t::tasks).values(&row).execute(c))?;
    Ok(())
}

/// Stores a new task unless `limit` tasks of these actions, or more, have not ended, in its conductor group or anywhere; false if
/// so. Tasks that are accepted at
/// the same moment do not see each other.
///
/// **Errors**: [`DbError::Conflict`] with `Task`.
pub async fn insert_within(
    conn: &mut Conn,
    task: &Task,
    actions: &[Action],
    limit: i64,
    in_group: bool,
) -> Result<bool, DbError> {
    let row = TaskRow::new(task)?;
    // The third parameter is the task's own group.
    let group = if in_group { " AND conductor_group = $3" } else { "" };
    let quoted =
        |words: Vec<&str>| words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", ");
    let actions = quoted(actions.iter().map(|action| action.as_str()).collect());
    // Both back ends read `$n`; diesel has no typed form for an insertion of values under a condition.
    let sql = format!(
        "INSERT INTO tasks (id, node_uuid, conductor_group, action, state, params, progress, epoch, sequence, \
         lost_leases, claimed_by, lease_expires_at, deadline_at, boot_token, requested_by, project, request_id, result, \
         created_at, started_at, finished_at, operation_item, resume_at, awaited_by) \
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, \
         $24 \
         WHERE (SELECT count(*) FROM tasks WHERE finished_at IS NULL AND action IN ({actions}){group}) < $25"
    );
    let inserted =
        on!(conn, |c| bind_row!(diesel::sql_query(&sql), &row).bind::<BigInt, _>(limit).execute(c))?;
    Ok(inserted == 1)
}

/// Writes what the life of a task changes if it still is as it was when that was decided (I-6).
///
/// False means that somebody else wrote first: nothing is changed.
pub async fn save(conn: &mut Conn, task: &Task, fence: &Fence) -> Result<bool, DbError> {
    let (id, changes) = (task.id.to_string(), TaskChanges::new(task)?);
    let lapsed = fence.lapsed.map(stored_time);
    let written = match lapsed {
        None => on!(conn, |c| Prepared(save_fenced!(&id, fence).set(&changes)).execute(c))?,
        Some(lapsed) => on!(conn, |c| save_fenced!(&id, fence)
            .filter(t::lease_expires_at.eq(lapsed))
            .set(&changes)
            .execute(c))?,
    };
    Ok(written == 1)
}

/// Extends the leases that `hostname` holds on these tasks, each by the epoch of its claim, in one statement. Returns the
/// tasks that it still holds; it must stop working on the others.
pub async fn renew(
    conn: &mut Conn,
    hostname: &str,
    claims: &[(Uuid, i64)],
    expires_at: OffsetDateTime,
) -> Result<Vec<Uuid>, DbError> {
    if claims.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<String> = claims.iter().map(|(id, _)| id.to_string()).collect();
    let pairs: Vec<String> = claims.iter().map(|(id, epoch)| format!("{id} {epoch}")).collect();
    let held: Vec<String> = on!(conn, |c| diesel::update(t::tasks)
        .filter(t::id.eq_any(&ids))
        .filter(Joined::new(tasks::id, tasks::epoch).eq_any(&pairs))
        .filter(t::claimed_by.eq(hostname))
        .filter(t::state.eq(TaskState::Running.as_str()))
        .set(t::lease_expires_at.eq(stored_time(expires_at)))
        .returning(t::id)
        .get_results(c))?;
    held.iter().map(|id| uuid("tasks.id", id)).collect()
}

/// Deletes at most `limit` tasks that ended before `before`, the oldest first, and returns how many.
pub async fn prune_finished(conn: &mut Conn, before: OffsetDateTime, limit: i64) -> Result<usize, DbError> {
    let old = diesel::alias!(tasks as old);
    let oldest = old
        .filter(old.field(t::finished_at).lt(stored_time(before)))
        .order(old.field(t::finished_at).asc())
        .limit(limit)
        .select(old.field(t::id));
    on!(conn, |c| diesel::delete(t::tasks).filter(t::id.eq_any(oldest)).execute(c))
}
