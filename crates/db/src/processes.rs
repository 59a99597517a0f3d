//! API processes that live.

use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::schema::api_processes::dsl as p;
use crate::types::stored_time;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use time::OffsetDateTime;
use uuid::Uuid;

/// Notes that a process lives, forgets those that were last seen before `gone`, and counts the others.
pub async fn touch(
    conn: &mut Conn,
    process: Uuid,
    now: OffsetDateTime,
    gone: OffsetDateTime,
) -> Result<usize, DbError> {
    let (id, now, gone) = (process.to_string(), stored_time(now), stored_time(gone));
    on!(conn, |c| diesel::insert_into(p::api_processes)
        .values((p::id.eq(&id), p::seen_at.eq(now)))
        .on_conflict(p::id)
        .do_update()
        .set(p::seen_at.eq(now))
        .execute(c))?;
    on!(conn, |c| diesel::delete(p::api_processes.filter(p::seen_at.lt(gone))).execute(c))?;
    let live: i64 = on!(conn, |c| p::api_processes.count().get_result(c))?;
    Ok(usize::try_from(live).unwrap_or(1))
}

/// Notes that a process has ended.
pub async fn remove(conn: &mut Conn, process: Uuid) -> Result<(), DbError> {
    let id = process.to_string();
    on!(conn, |c| diesel::delete(p::api_processes.filter(p::id.eq(&id))).execute(c))?;
    Ok(())
}
