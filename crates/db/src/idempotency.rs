//! Keys of requests that may be sent again, with their answers.

use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::schema::idempotency_keys::{self, dsl as k};
use crate::types::{model_time, stored_time, uuid};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use diesel_async::RunQueryDsl;
use time::{OffsetDateTime, PrimitiveDateTime};
use uuid::Uuid;

/// A request under its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyedRequest {
    /// Who sent it.
    pub caller: String,
    /// The key that the caller gave it.
    pub key: String,
    /// Digest of what was asked.
    pub digest: String,
    /// The identity of what it creates.
    pub identity: Uuid,
    /// What was answered; none as long as it is worked on.
    pub answer: Option<StoredAnswer>,
    /// When somebody last began to work on it.
    pub claimed_at: OffsetDateTime,
    /// When it first came.
    pub created_at: OffsetDateTime,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    /// Status code.
    pub status: u16,
    /// The `Location`.
    pub location: Option<String>,
    /// The body.
    pub body: Option<String>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = idempotency_keys, treat_none_as_default_value = false, check_for_backend(Pg, Sqlite))]
struct Row {
    caller: String,
    key: String,
    request_digest: String,
    identity: String,
    status: Option<i64>,
    location: Option<String>,
    body: Option<String>,
    claimed_at: PrimitiveDateTime,
    created_at: PrimitiveDateTime,
}

/// Stores a request that is new; false if the caller has used the key before.
pub async fn insert(conn: &mut Conn, request: &KeyedRequest) -> Result<bool, DbError> {
    let row = Row {
        caller: request.caller.clone(),
        key: request.key.clone(),
        request_digest: request.digest.clone(),
        identity: request.identity.to_string(),
        status: None,
        location: None,
        body: None,
        claimed_at: stored_time(request.claimed_at),
        created_at: stored_time(request.created_at),
    };
    let inserted = on!(conn, |c| diesel::insert_into(k::idempotency_keys)
        .values(&row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(inserted == 1)
}

/// Finds the request that a caller sent under a key.
pub async fn find(conn: &mut Conn, caller: &str, key: &str) -> Result<Option<KeyedRequest>, DbError> {
    let row: Option<Row> = on!(conn, |c| async {
        let query = k::idempotency_keys.select(Row::as_select());
        query.filter(k::caller.eq(caller)).filter(k::key.eq(key)).first(c).await.optional()
    })?;
    row.map(Row::into_model).transpose()
}

/// Begins anew with a request that somebody has left; false if it was not left as it was read.
pub async fn take_over(
    conn: &mut Conn,
    request: &KeyedRequest,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let taken = on!(conn, |c| diesel::update(k::idempotency_keys)
        .filter(k::caller.eq(&request.caller))
        .filter(k::key.eq(&request.key))
        .filter(k::claimed_at.eq(stored_time(request.claimed_at)))
        .filter(k::status.is_null())
        .set(k::claimed_at.eq(stored_time(now)))
        .execute(c))?;
    Ok(taken == 1)
}

/// Leaves a request whose outcome nobody knows to whoever sends it again.
pub async fn leave(conn: &mut Conn, caller: &str, key: &str) -> Result<(), DbError> {
    on!(conn, |c| diesel::update(k::idempotency_keys)
        .filter(k::caller.eq(caller))
        .filter(k::key.eq(key))
        .filter(k::status.is_null())
        .set(k::claimed_at.eq(stored_time(OffsetDateTime::UNIX_EPOCH)))
        .execute(c))?;
    Ok(())
}

/// Keeps the answer to a request.
pub async fn complete(
    conn: &mut Conn,
    caller: &str,
    key: &str,
    answer: &StoredAnswer,
) -> Result<(), DbError> {
    on!(conn, |c| diesel::update(k::idempotency_keys)
        .filter(k::caller.eq(caller))
        .filter(k::key.eq(key))
        .set((
            k::status.eq(i64::from(answer.status)),
            k::location.eq(&answer.location),
            k::body.eq(&answer.body),
        ))
        .execute(c))?;
    Ok(())
}

/// Forgets a request that was refused, so that the key may be used again.
pub async fn forget(conn: &mut Conn, caller: &str, key: &str) -> Result<(), DbError> {
    on!(conn, |c| diesel::delete(k::idempotency_keys)
        .filter(k::caller.eq(caller))
        .filter(k::key.eq(key))
        .filter(k::status.is_null())
        .execute(c))?;
    Ok(())
}

/// Deletes a request that came before `before`, so that its key may be used again.
pub async fn expire(conn: &mut Conn, request: &KeyedRequest, before: OffsetDateTime) -> Result<(), DbError> {
    on!(conn, |c| diesel::delete(k::idempotency_keys)
        .filter(k::caller.eq(&request.caller))
        .filter(k::key.eq(&request.key))
        .filter(k::created_at.lt(stored_time(before)))
        .execute(c))?;
    Ok(())
}

/// Deletes at most `limit` requests that came before `before`, the oldest first, and returns how many.
pub async fn prune(conn: &mut Conn, before: OffsetDateTime, limit: i64) -> Result<usize, DbError> {
    let old: Vec<i64> = on!(conn, |c| k::idempotency_keys
        .filter(k::created_at.lt(stored_time(before)))
        .order(k::created_at.asc())
        .limit(limit)
        .select(k::id)
        .load(c))?;
    if old.is_empty() {
        return Ok(0);
    }
    on!(conn, |c| diesel::delete(k::idempotency_keys.filter(k::id.eq_any(&old))).execute(c))
}

impl Row {
    fn into_model(self) -> Result<KeyedRequest, DbError> {
        let answer = self.status.map(|status| StoredAnswer {
            status: u16::try_from(status).unwrap_or(500),
            location: self.location,
            body: self.body,
        });
        Ok(KeyedRequest {
            caller: self.caller,
            key: self.key,
            digest: self.request_digest,
            identity: uuid("idempotency_keys.identity", &self.identity)?,
            answer,
            claimed_at: model_time(self.claimed_at),
            created_at: model_time(self.created_at),
        })
    }
}
