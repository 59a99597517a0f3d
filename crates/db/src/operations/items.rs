//! Items of operations. Every change of an item names the state it was in, so that it happens once.

use super::row::{ItemRow, NewItemRow};
use crate::conn::{Conn, insert_all, on};
use crate::error::DbError;
use crate::schema::operation_items::dsl as i;
use crate::schema::tasks::dsl as t;
use crate::types::{stored_json, stored_time, uuid, word};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::operation::{ItemCounts, ItemFailure, ItemState, OperationItem};
use std::collections::HashMap;
use time::{OffsetDateTime, PrimitiveDateTime};
use uuid::Uuid;

/// What is left of an item's own arguments once it needs them no more.
const NO_DOCUMENT: &str = "null";

/// Rows of one statement: SQLite takes 32,766 values at once.
const ROWS: usize = 5000;

/// Stores the items of an operation, many in each statement.
pub async fn insert_items(conn: &mut Conn, operation: Uuid, items: &[OperationItem]) -> Result<(), DbError> {
    for chunk in items.chunks(ROWS) {
        let rows: Vec<NewItemRow> =
            chunk.iter().map(|item| NewItemRow::new(operation, item)).collect::<Result<_, _>>()?;
        insert_all!(conn, i::operation_items, rows)?;
    }
    Ok(())
}

/// Counts the items of operations by state.
pub async fn count_items(conn: &mut Conn, operations: &[Uuid]) -> Result<HashMap<Uuid, ItemCounts>, DbError> {
    let uuids: Vec<String> = operations.iter().map(Uuid::to_string).collect();
    let rows: Vec<(String, String, i64)> = on!(conn, |c| i::operation_items
        .filter(i::operation_uuid.eq_any(&uuids))
        .group_by((i::operation_uuid, i::state))
        .select((i::operation_uuid, i::state, diesel::dsl::count_star()))
        .load(c))?;
    let mut by_state: HashMap<Uuid, Vec<(ItemState, i64)>> = HashMap::new();
    for (operation, state, count) in rows {
        let state = word("operation_items.state", &state, ItemState::find)?;
        by_state.entry(uuid("operation_items.operation_uuid", &operation)?).or_default().push((state, count));
    }
    Ok(by_state.into_iter().map(|(operation, rows)| (operation, rows.into_iter().collect())).collect())
}

/// Lists items behind the position `after`, in one state if named.
pub async fn list_items(
    conn: &mut Conn,
    operation: Uuid,
    state: Option<ItemState>,
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<OperationItem>, DbError> {
    models(on!(conn, Db, |c| {
        let mut query = i::operation_items
            .filter(i::operation_uuid.eq(operation.to_string()))
            .select(ItemRow::as_select())
            .order(i::position.asc())
            .limit(limit)
            .into_boxed::<Db>();
        if let Some(state) = state {
            query = query.filter(i::state.eq(state.as_str()));
        }
        if let Some(after) = after {
            query = query.filter(i::position.gt(after));
        }
        query.load(c)
    }))
}

/// Lists items that have ended since `since`, the first to end first.
pub async fn list_ended_items(
    conn: &mut Conn,
    operation: Uuid,
    since: OffsetDateTime,
) -> Result<Vec<OperationItem>, DbError> {
    models(on!(conn, |c| i::operation_items
        .filter(i::operation_uuid.eq(operation.to_string()))
        .filter(i::finished_at.ge(stored_time(since)))
        .order((i::finished_at.asc(), i::position.asc()))
        .select(ItemRow::as_select())
        .load(c)))
}

/// Lists items that were not begun and may be tried now, in order.
pub async fn list_pending_items(
    conn: &mut Conn,
    operation: Uuid,
    now: OffsetDateTime,
    limit: i64,
) -> Result<Vec<OperationItem>, DbError> {
    models(on!(conn, |c| i::operation_items
        .filter(i::operation_uuid.eq(operation.to_string()))
        .filter(i::state.eq(ItemState::Pending.as_str()))
        .filter(i::retry_at.is_null().or(i::retry_at.le(stored_time(now))))
        .order(i::position.asc())
        .limit(limit)
        .select(ItemRow::as_select())
        .load(c)))
}

/// Lists items under way whose task is not: it ended, and its end was not written here.
pub async fn list_lost_items(conn: &mut Conn, operation: Uuid) -> Result<Vec<OperationItem>, DbError> {
    let under_way = t::tasks
        .filter(t::finished_at.is_null())
        .filter(t::operation_item.eq(i::id.nullable()))
        .select(t::id);
    models(on!(conn, |c| i::operation_items
        .filter(i::operation_uuid.eq(operation.to_string()))
        .filter(i::state.eq(ItemState::Running.as_str()))
        .filter(diesel::dsl::not(diesel::dsl::exists(under_way)))
        .order(i::position.asc())
        .select(ItemRow::as_select())
        .load(c)))
}

/// An item that was not begun is not tried again before `retry_at`.
pub async fn defer_item(conn: &mut Conn, id: i64, retry_at: OffsetDateTime) -> Result<(), DbError> {
    on!(conn, |c| diesel::update(i::operation_items)
        .filter(i::id.eq(id))
        .filter(i::state.eq(ItemState::Pending.as_str()))
        .set((i::attempts.eq(i::attempts + 1), i::retry_at.eq(stored_time(retry_at))))
        .execute(c))?;
    Ok(())
}

/// An item begins a task; false if it was begun, or given up, before.
pub async fn begin_item(conn: &mut Conn, id: i64, task_id: Uuid) -> Result<bool, DbError> {
    let begun = on!(conn, |c| diesel::update(i::operation_items)
        .filter(i::id.eq(id))
        .filter(i::state.eq(ItemState::Pending.as_str()))
        .set((
            i::state.eq(ItemState::Running.as_str()),
            i::task_id.eq(task_id.to_string()),
            i::document.eq(NO_DOCUMENT),
        ))
        .execute(c))?;
    Ok(begun == 1)
}

/// An item that was not begun ends at once; false if it was begun, or given up, before.
pub async fn end_item(
    conn: &mut Conn,
    id: i64,
    failure: Option<&ItemFailure>,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    Ok(end(conn, id, ItemState::Pending, failure, now).await?.is_some())
}

/// An item ends because its task did. Returns its operation; none if the item had ended before.
pub async fn end_running_item(
    conn: &mut Conn,
    id: i64,
    failure: Option<&ItemFailure>,
    now: OffsetDateTime,
) -> Result<Option<Uuid>, DbError> {
    end(conn, id, ItemState::Running, failure, now).await
}

async fn end(
    conn: &mut Conn,
    id: i64,
    from: ItemState,
    failure: Option<&ItemFailure>,
    now: OffsetDateTime,
) -> Result<Option<Uuid>, DbError> {
    let state = if failure.is_some() { ItemState::Failed } else { ItemState::Succeeded };
    let result = failure.map(stored_json).transpose()?;
    let operation: Option<String> = on!(conn, |c| async {
        diesel::update(i::operation_items)
            .filter(i::id.eq(id))
            .filter(i::state.eq(from.as_str()))
            .set((
                i::state.eq(state.as_str()),
                i::result.eq(&result),
                i::document.eq(NO_DOCUMENT),
                i::finished_at.eq(stored_time(now)),
            ))
            .returning(i::operation_uuid)
            .get_result(c)
            .await
            .optional()
    })?;
    operation.map(|text| uuid("operation_items.operation_uuid", &text)).transpose()
}

/// Items that were not begun end well, all at once. Returns how many: fewer than asked for if some were begun, or given
/// up, before.
pub async fn end_items(conn: &mut Conn, ids: &[i64], now: OffsetDateTime) -> Result<usize, DbError> {
    on!(conn, |c| diesel::update(i::operation_items)
        .filter(i::id.eq_any(ids))
        .filter(i::state.eq(ItemState::Pending.as_str()))
        .set((
            i::state.eq(ItemState::Succeeded.as_str()),
            i::document.eq(NO_DOCUMENT),
            i::finished_at.eq(stored_time(now)),
        ))
        .execute(c))
}

/// Gives up all items of an operation that were not begun. Returns how many.
pub async fn close_pending(
    conn: &mut Conn,
    operation: Uuid,
    state: ItemState,
    now: OffsetDateTime,
) -> Result<usize, DbError> {
    let at: PrimitiveDateTime = stored_time(now);
    on!(conn, |c| diesel::update(i::operation_items)
        .filter(i::operation_uuid.eq(operation.to_string()))
        .filter(i::state.eq(ItemState::Pending.as_str()))
        .set((i::state.eq(state.as_str()), i::document.eq(NO_DOCUMENT), i::finished_at.eq(at)))
        .execute(c))
}

fn models(rows: Result<Vec<ItemRow>, DbError>) -> Result<Vec<OperationItem>, DbError> {
    rows?.into_iter().map(ItemRow::into_model).collect()
}
