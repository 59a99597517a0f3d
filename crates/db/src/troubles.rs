//! What went wrong during tasks without ending them, one row for each task and code. They go with their task.

use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::schema::task_troubles::{self, dsl as t};
use crate::types::{model_time, stored_time};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use diesel_async::RunQueryDsl;
use ferric_model::failure::Trouble;
use time::PrimitiveDateTime;
use uuid::Uuid;

/// Most troubles of a task that are read: there are as many as codes.
const MOST: i64 = 100;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = task_troubles, treat_none_as_default_value = false, check_for_backend(Pg, Sqlite))]
struct Row {
    task_id: String,
    code: String,
    summary: String,
    evidence: Option<String>,
    first_at: PrimitiveDateTime,
    last_at: PrimitiveDateTime,
    seen: i64,
}

/// Notes a trouble of a task; one that is known is counted and told anew.
///
/// **Errors**: [`DbError::Conflict`] when the task is not there any more.
pub async fn note(conn: &mut Conn, task: Uuid, trouble: &Trouble) -> Result<(), DbError> {
    let row = Row {
        task_id: task.to_string(),
        code: trouble.code.clone(),
        summary: trouble.summary.clone(),
        evidence: trouble.evidence.clone(),
        first_at: stored_time(trouble.first_at),
        last_at: stored_time(trouble.last_at),
        seen: trouble.seen,
    };
    on!(conn, |c| diesel::insert_into(t::task_troubles)
        .values(&row)
        .on_conflict((t::task_id, t::code))
        .do_update()
        .set((
            t::summary.eq(&row.summary),
            t::evidence.eq(&row.evidence),
            t::last_at.eq(row.last_at),
            t::seen.eq(t::seen + row.seen),
        ))
        .execute(c))?;
    Ok(())
}

/// The troubles of a task, the first first.
pub async fn list(conn: &mut Conn, task: Uuid) -> Result<Vec<Trouble>, DbError> {
    let rows: Vec<Row> = on!(conn, |c| t::task_troubles
        .filter(t::task_id.eq(task.to_string()))
        .order((t::first_at.asc(), t::code.asc()))
        .limit(MOST)
        .select(Row::as_select())
        .load(c))?;
    let model = |row: Row| Trouble {
        code: row.code,
        summary: row.summary,
        evidence: row.evidence,
        first_at: model_time(row.first_at),
        last_at: model_time(row.last_at),
        seen: row.seen,
    };
    Ok(rows.into_iter().map(model).collect())
}
