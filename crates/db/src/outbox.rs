//! The outbox: messages that a transaction leaves for the bus, kept until they are published.

use crate::conn::{Conn, insert_all, on};
use crate::error::DbError;
use crate::schema::outbox::{self, dsl as o};
use crate::types::{stored_time, word};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use diesel_async::RunQueryDsl;
use ferric_model::outbox::{OutboxMessage, Route};
use time::{OffsetDateTime, PrimitiveDateTime};

/// Words for the kinds of routes.
const ACTION: &str = "action";
const EVENT: &str = "event";

/// A message that is left.
#[derive(Insertable)]
#[diesel(table_name = outbox)]
pub(crate) struct NewRow<'a> {
    kind: &'static str,
    conductor_group: &'a str,
    payload: &'a [u8],
    created_at: PrimitiveDateTime,
}

impl<'a> NewRow<'a> {
    /// What to store for `message`.
    pub(crate) fn new(message: &'a OutboxMessage, now: OffsetDateTime) -> Self {
        let (kind, conductor_group) = words(&message.route);
        Self { kind, conductor_group, payload: &message.payload, created_at: stored_time(now) }
    }
}

#[derive(Insertable)]
#[diesel(table_name = outbox, treat_none_as_default_value = false)]
struct OwnedRow {
    kind: &'static str,
    conductor_group: String,
    payload: Vec<u8>,
    created_at: PrimitiveDateTime,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox, check_for_backend(Pg, Sqlite))]
struct Row {
    id: i64,
    kind: String,
    conductor_group: String,
    payload: Vec<u8>,
}

/// Leaves messages and returns them with their numbers, in the same order.
pub async fn enqueue(
    conn: &mut Conn,
    messages: &[OutboxMessage],
    now: OffsetDateTime,
) -> Result<Vec<OutboxMessage>, DbError> {
    let mut left = Vec::with_capacity(messages.len());
    // One by one, for their numbers: a transaction leaves one or two messages.
    for message in messages {
        let row = NewRow::new(message, now);
        let id = on!(conn, |c| diesel::insert_into(o::outbox).values(&row).returning(o::id).get_result(c))?;
        left.push(OutboxMessage { id, ..message.clone() });
    }
    Ok(left)
}

/// Leaves many messages with one statement; they are found by who looks for what was left behind.
pub async fn enqueue_all(
    conn: &mut Conn,
    messages: &[OutboxMessage],
    now: OffsetDateTime,
) -> Result<(), DbError> {
    let created_at = stored_time(now);
    let rows: Vec<OwnedRow> = messages
        .iter()
        .map(|message| {
            let (kind, conductor_group) = words(&message.route);
            let (conductor_group, payload) = (conductor_group.to_owned(), message.payload.clone());
            OwnedRow { kind, conductor_group, payload, created_at }
        })
        .collect();
    if !rows.is_empty() {
        insert_all!(conn, o::outbox, rows)?;
    }
    Ok(())
}

/// How a route is stored.
fn words(route: &Route) -> (&'static str, &str) {
    match route {
        Route::Action { conductor_group } => (ACTION, conductor_group.as_str()),
        Route::Event => (EVENT, ""),
    }
}

/// Lists messages that were not published yet, in the order they were left; only those left before `before` if given.
pub async fn list_unsent(
    conn: &mut Conn,
    before: Option<OffsetDateTime>,
    limit: i64,
) -> Result<Vec<OutboxMessage>, DbError> {
    models(on!(conn, Db, |c| {
        let mut query = o::outbox.select(Row::as_select()).order(o::id.asc()).limit(limit).into_boxed::<Db>();
        if let Some(before) = before {
            query = query.filter(o::created_at.lt(stored_time(before)));
        }
        query.load(c)
    }))
}

/// Deletes published messages and returns how many were still there.
pub async fn delete_sent(conn: &mut Conn, ids: &[i64]) -> Result<usize, DbError> {
    on!(conn, |c| diesel::delete(o::outbox.filter(o::id.eq_any(ids))).execute(c))
}

/// Counts the messages that were not published yet.
pub async fn count(conn: &mut Conn) -> Result<i64, DbError> {
    on!(conn, |c| o::outbox.count().get_result(c))
}

fn models(rows: Result<Vec<Row>, DbError>) -> Result<Vec<OutboxMessage>, DbError> {
    rows?
        .into_iter()
        .map(|row| {
            let route = word("outbox.kind", &row.kind, |kind| match kind {
                ACTION => Some(Route::Action { conductor_group: row.conductor_group.clone() }),
                EVENT => Some(Route::Event),
                _ => None,
            })?;
            Ok(OutboxMessage { id: row.id, route, payload: row.payload })
        })
        .collect()
}
