//! Reading tasks. Those that have not ended are told by `finished_at`, for the index of them is made by it.

use super::row::TaskRow;
use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::nodes::NodeRow;
use crate::schema::{nodes::dsl as n, tasks::dsl as t};
use crate::types::stored_time;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::action::Action;
use ferric_model::node::Node;
use ferric_model::task::{Task, TaskState};
use time::OffsetDateTime;
use uuid::Uuid;

/// Finds a task.
pub async fn find(conn: &mut Conn, id: Uuid) -> Result<Option<Task>, DbError> {
    let id = id.to_string();
    let row = on!(conn, |c| async {
        t::tasks.filter(t::id.eq(&id)).select(TaskRow::as_select()).first(c).await.optional()
    })?;
    row.map(TaskRow::into_model).transpose()
}

/// Finds tasks with their nodes, in no particular order; those whose node is gone are left out.
pub async fn find_with_nodes(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<(Task, Node)>, DbError> {
    let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
    let rows: Vec<(TaskRow, i64, NodeRow)> = on!(conn, |c| t::tasks
        .inner_join(n::nodes.on(n::uuid.eq(t::node_uuid)))
        .filter(t::id.eq_any(&ids))
        .select((TaskRow::as_select(), n::id, NodeRow::as_select()))
        .load(c))?;
    rows.into_iter().map(|(task, id, node)| Ok((task.into_model()?, node.into_model(id)?))).collect()
}

/// Finds the task whose boot artefacts lie under `token`.
pub async fn find_by_boot_token(conn: &mut Conn, token: &str) -> Result<Option<Task>, DbError> {
    let row = on!(conn, |c| async {
        t::tasks.filter(t::boot_token.eq(token)).select(TaskRow::as_select()).first(c).await.optional()
    })?;
    row.map(TaskRow::into_model).transpose()
}

/// Finds the tasks of a node that have not ended, oldest first.
pub async fn find_active(conn: &mut Conn, node_uuid: Uuid) -> Result<Vec<Task>, DbError> {
    let node_uuid = node_uuid.to_string();
    models(on!(conn, |c| t::tasks
        .filter(t::node_uuid.eq(&node_uuid))
        .filter(t::finished_at.is_null())
        .order((t::created_at.asc(), t::id.asc()))
        .select(TaskRow::as_select())
        .load(c)))
}

/// Lists running tasks whose lease has ended, those that waited longest first.
pub async fn list_expired_leases(
    conn: &mut Conn,
    now: OffsetDateTime,
    limit: i64,
) -> Result<Vec<Task>, DbError> {
    models(on!(conn, |c| t::tasks
        .filter(t::state.eq(TaskState::Running.as_str()))
        .filter(t::finished_at.is_null())
        .filter(t::lease_expires_at.lt(stored_time(now)))
        .order((t::lease_expires_at.asc(), t::id.asc()))
        .limit(limit)
        .select(TaskRow::as_select())
        .load(c)))
}

/// Lists parked tasks that have waited too long, those that waited longest first.
pub async fn list_overdue(conn: &mut Conn, now: OffsetDateTime, limit: i64) -> Result<Vec<Task>, DbError> {
    models(on!(conn, |c| t::tasks
        .filter(t::state.eq(TaskState::Parked.as_str()))
        .filter(t::deadline_at.lt(stored_time(now)))
        .order((t::deadline_at.asc(), t::id.asc()))
        .limit(limit)
        .select(TaskRow::as_select())
        .load(c)))
}

/// Lists parked tasks that are to go on by themselves by now, those that are due longest first.
pub async fn list_due(conn: &mut Conn, now: OffsetDateTime, limit: i64) -> Result<Vec<Task>, DbError> {
    models(on!(conn, |c| t::tasks
        .filter(t::state.eq(TaskState::Parked.as_str()))
        .filter(t::resume_at.le(stored_time(now)))
        .order((t::resume_at.asc(), t::id.asc()))
        .limit(limit)
        .select(TaskRow::as_select())
        .load(c)))
}

/// Finds the tasks whose end the task `id` waits for, oldest first.
pub async fn list_awaited(conn: &mut Conn, id: Uuid) -> Result<Vec<Task>, DbError> {
    let id = id.to_string();
    models(on!(conn, |c| t::tasks
        .filter(t::awaited_by.eq(&id))
        .order((t::created_at.asc(), t::id.asc()))
        .select(TaskRow::as_select())
        .load(c)))
}

/// Lists tasks that were accepted before `before` and that nobody has claimed: their envelope may be lost.
pub async fn list_queued_before(
    conn: &mut Conn,
    before: OffsetDateTime,
    limit: i64,
) -> Result<Vec<Task>, DbError> {
    models(on!(conn, |c| t::tasks
        .filter(t::state.eq(TaskState::Queued.as_str()))
        .filter(t::finished_at.is_null())
        .filter(t::created_at.lt(stored_time(before)))
        .order((t::created_at.asc(), t::id.asc()))
        .limit(limit)
        .select(TaskRow::as_select())
        .load(c)))
}

/// Counts the tasks that have not ended.
pub async fn count_unfinished(conn: &mut Conn) -> Result<i64, DbError> {
    on!(conn, |c| t::tasks.filter(t::finished_at.is_null()).count().get_result(c))
}

/// Counts the tasks of these actions that have not ended.
pub async fn count_active_by_action(conn: &mut Conn, actions: &[Action]) -> Result<i64, DbError> {
    let words: Vec<&str> = actions.iter().map(|action| action.as_str()).collect();
    on!(conn, |c| t::tasks
        .filter(t::finished_at.is_null())
        .filter(t::action.eq_any(&words))
        .count()
        .get_result(c))
}

/// The same of the conductor group that has most of them.
pub async fn count_active_in_fullest_group(conn: &mut Conn, actions: &[Action]) -> Result<i64, DbError> {
    let words: Vec<&str> = actions.iter().map(|action| action.as_str()).collect();
    let counts: Vec<(String, i64)> = on!(conn, |c| t::tasks
        .filter(t::finished_at.is_null())
        .filter(t::action.eq_any(&words))
        .group_by(t::conductor_group)
        .select((t::conductor_group, diesel::dsl::count_star()))
        .load(c))?;
    Ok(counts.into_iter().map(|(_, count)| count).max().unwrap_or(0))
}

fn models(rows: Result<Vec<TaskRow>, DbError>) -> Result<Vec<Task>, DbError> {
    rows?.into_iter().map(TaskRow::into_model).collect()
}
