//! Writing operations.

use super::row::OperationRow;
use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::schema::operations::dsl as o;
use crate::types::{stored_json, stored_time};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::operation::{Operation, OperationState};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

/// Stores a new operation and returns it with its row number.
///
/// **Errors**: [`DbError::Conflict`] with `OperationUuid`.
pub async fn insert(conn: &mut Conn, operation: &Operation) -> Result<Operation, DbError> {
    let row = OperationRow::new(operation)?;
    let id = on!(conn, |c| diesel::insert_into(o::operations).values(&row).returning(o::id).get_result(c))?;
    Ok(Operation { id, ..operation.clone() })
}

/// Takes the lease of an operation as it was read; false if somebody else was faster.
pub async fn claim(conn: &mut Conn, read: &Operation, expires_at: OffsetDateTime) -> Result<bool, DbError> {
    let claimed = on!(conn, |c| diesel::update(o::operations)
        .filter(o::uuid.eq(read.uuid.to_string()))
        .filter(o::generation.eq(read.generation))
        .filter(o::finished_at.is_null())
        .set((o::generation.eq(read.generation + 1), o::lease_expires_at.eq(stored_time(expires_at))))
        .execute(c))?;
    if claimed == 1 && read.state == OperationState::Queued {
        on!(conn, |c| diesel::update(o::operations)
            .filter(o::uuid.eq(read.uuid.to_string()))
            .filter(o::state.eq(OperationState::Queued.as_str()))
            .set(o::state.eq(OperationState::Running.as_str()))
            .execute(c))?;
    }
    Ok(claimed == 1)
}

/// Extends a lease; false when it is lost.
pub async fn renew(
    conn: &mut Conn,
    uuid: Uuid,
    generation: i64,
    expires_at: OffsetDateTime,
) -> Result<bool, DbError> {
    let renewed = on!(conn, |c| diesel::update(o::operations)
        .filter(o::uuid.eq(uuid.to_string()))
        .filter(o::generation.eq(generation))
        .filter(o::finished_at.is_null())
        .set(o::lease_expires_at.eq(stored_time(expires_at)))
        .execute(c))?;
    Ok(renewed == 1)
}

/// Gives a lease back, so that others need not wait for its end.
pub async fn release(conn: &mut Conn, uuid: Uuid, generation: i64) -> Result<(), DbError> {
    on!(conn, |c| diesel::update(o::operations)
        .filter(o::uuid.eq(uuid.to_string()))
        .filter(o::generation.eq(generation))
        .set(o::lease_expires_at.eq(None::<time::PrimitiveDateTime>))
        .execute(c))?;
    Ok(())
}

/// Ends an operation that is still in the state `from`; `params` is what remains of its arguments.
pub async fn finish(
    conn: &mut Conn,
    uuid: Uuid,
    (from, to): (OperationState, OperationState),
    params: &Value,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let params = stored_json(params)?;
    let finished = on!(conn, |c| diesel::update(o::operations)
        .filter(o::uuid.eq(uuid.to_string()))
        .filter(o::state.eq(from.as_str()))
        .set((
            o::state.eq(to.as_str()),
            o::params.eq(&params),
            o::finished_at.eq(stored_time(now)),
            o::lease_expires_at.eq(None::<time::PrimitiveDateTime>),
        ))
        .execute(c))?;
    Ok(finished == 1)
}

/// Marks an operation that has not ended as canceled; false when it has.
pub async fn cancel(conn: &mut Conn, uuid: Uuid) -> Result<bool, DbError> {
    let marked = on!(conn, |c| diesel::update(o::operations)
        .filter(o::uuid.eq(uuid.to_string()))
        .filter(o::finished_at.is_null())
        .set(o::state.eq(OperationState::Canceling.as_str()))
        .execute(c))?;
    Ok(marked == 1)
}

/// Deletes at most `limit` operations that ended before `before`, with their items, and returns how many.
pub async fn prune_finished(conn: &mut Conn, before: OffsetDateTime, limit: i64) -> Result<usize, DbError> {
    let old: Vec<i64> = on!(conn, |c| o::operations
        .filter(o::finished_at.lt(stored_time(before)))
        .order(o::id.asc())
        .limit(limit)
        .select(o::id)
        .load(c))?;
    if old.is_empty() {
        return Ok(0);
    }
    on!(conn, |c| diesel::delete(o::operations.filter(o::id.eq_any(&old))).execute(c))
}
