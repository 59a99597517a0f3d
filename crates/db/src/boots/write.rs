//! Writing attempts to boot.

use super::row::NewAttempt;
use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::schema::boot_attempts::{self, dsl as a};
use crate::schema::boot_files::dsl as f;
use crate::types::stored_time;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::boot::{BootAttempt, BootFetch};
use time::OffsetDateTime;

/// Stores a new attempt; those of the same node for the same purpose have ended with it.
///
/// **Errors**: [`DbError::Conflict`] with `NodeGone`.
pub async fn begin(conn: &mut Conn, attempt: &BootAttempt) -> Result<(), DbError> {
    let row = NewAttempt::new(attempt);
    let node_uuid = attempt.node_uuid.to_string();
    on!(conn, |c| diesel::update(a::boot_attempts)
        .filter(a::node_uuid.eq(&node_uuid))
        .filter(a::purpose.eq(attempt.purpose.as_str()))
        .filter(a::ended_at.is_null())
        .set((
            a::ended_at.eq(stored_time(attempt.started_at)),
            a::deadline_at.eq(None::<time::PrimitiveDateTime>),
        ))
        .execute(c))?;
    on!(conn, |c| diesel::insert_into(a::boot_attempts).values(&row).execute(c))?;
    Ok(())
}

/// Ends an attempt; false if it has ended before.
pub async fn end(conn: &mut Conn, id: i64, now: OffsetDateTime) -> Result<bool, DbError> {
    let ended = on!(conn, |c| diesel::update(a::boot_attempts)
        .filter(a::id.eq(id))
        .filter(a::ended_at.is_null())
        .set((a::ended_at.eq(stored_time(now)), a::deadline_at.eq(None::<time::PrimitiveDateTime>)))
        .execute(c))?;
    Ok(ended == 1)
}

/// Sets when something has to have happened next in an attempt that has not ended.
pub async fn expect(conn: &mut Conn, id: i64, deadline_at: Option<OffsetDateTime>) -> Result<(), DbError> {
    on!(conn, |c| diesel::update(a::boot_attempts)
        .filter(a::id.eq(id))
        .filter(a::ended_at.is_null())
        .set(a::deadline_at.eq(deadline_at.map(stored_time)))
        .execute(c))?;
    Ok(())
}

/// Adds what was seen of a file. Replicas may tell of the same file at the same moment: numbers are added where they are.
pub async fn see(
    conn: &mut Conn,
    attempt_id: i64,
    fetch: &BootFetch,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    let at = stored_time(now);
    let more = i64::try_from(fetch.more_bytes).unwrap_or(i64::MAX);
    let total = i64::try_from(fetch.total_bytes).unwrap_or(i64::MAX);
    on!(conn, |c| diesel::insert_into(f::boot_files)
        .values((
            f::attempt_id.eq(attempt_id),
            f::file.eq(&fetch.file),
            f::bytes.eq(0i64),
            f::total_bytes.eq(0i64),
            f::seen_at.eq(at),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    on!(conn, |c| diesel::update(f::boot_files)
        .filter(f::attempt_id.eq(attempt_id))
        .filter(f::file.eq(&fetch.file))
        .set((f::bytes.eq(f::bytes + more), f::seen_at.eq(at), f::error.eq(fetch.error.as_deref())))
        .execute(c))?;
    if total > 0 {
        on!(conn, |c| diesel::update(f::boot_files)
            .filter(f::attempt_id.eq(attempt_id))
            .filter(f::file.eq(&fetch.file))
            .filter(f::total_bytes.ne(total))
            .set(f::total_bytes.eq(total))
            .execute(c))?;
    }
    if fetch.head {
        on!(conn, |c| diesel::update(f::boot_files)
            .filter(f::attempt_id.eq(attempt_id))
            .filter(f::file.eq(&fetch.file))
            .filter(f::head_at.is_null())
            .set(f::head_at.eq(at))
            .execute(c))?;
    }
    if fetch.get {
        on!(conn, |c| diesel::update(f::boot_files)
            .filter(f::attempt_id.eq(attempt_id))
            .filter(f::file.eq(&fetch.file))
            .filter(f::get_at.is_null())
            .set(f::get_at.eq(at))
            .execute(c))?;
    }
    Ok(())
}

/// Deletes at most `limit` attempts that ended before `before`, the oldest first, and returns how many.
pub async fn prune_ended(conn: &mut Conn, before: OffsetDateTime, limit: i64) -> Result<usize, DbError> {
    let old = diesel::alias!(boot_attempts as old);
    let oldest = old
        .filter(old.field(a::ended_at).lt(stored_time(before)))
        .order(old.field(a::ended_at).asc())
        .limit(limit)
        .select(old.field(a::id));
    on!(conn, |c| diesel::delete(a::boot_attempts).filter(a::id.eq_any(oldest)).execute(c))
}
