//! Reading operations.

use super::row::OperationRow;
use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::paging::{SortKey, Sortable, key, nullable, paged};
use crate::schema::{operation_items::dsl as i, operations::dsl as o};
use crate::types::{model_json, stored_time};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::operation::Operation;
use ferric_model::page::Page;
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

const OPERATIONS: Sortable = Sortable { table: "operations", marker: "uuid", keys: &KEYS };

const KEYS: [SortKey; 6] = [
    key("id", "{t}.id"),
    key("uuid", "{t}.uuid"),
    key("kind", "{t}.kind"),
    key("state", "{t}.state"),
    key("created_at", "{t}.created_at"),
    nullable("finished_at", "{t}.finished_at"),
];

/// Finds one operation.
pub async fn find(conn: &mut Conn, uuid: Uuid) -> Result<Option<Operation>, DbError> {
    let row: Option<(i64, OperationRow)> = on!(conn, |c| async {
        let query = o::operations.select((o::id, OperationRow::as_select()));
        query.filter(o::uuid.eq(uuid.to_string())).first(c).await.optional()
    })?;
    row.map(|(id, row)| row.into_model(id)).transpose()
}

/// Finds whose rights an item needs.
pub async fn find_actor(conn: &mut Conn, item: i64) -> Result<Option<Value>, DbError> {
    let actor: Option<String> = on!(conn, |c| async {
        let query = i::operation_items.inner_join(o::operations.on(o::uuid.eq(i::operation_uuid)));
        query.filter(i::id.eq(item)).select(o::actor).first(c).await.optional()
    })?;
    actor.map(|text| model_json("operations.actor", &text)).transpose()
}

/// Lists one page, of one owner if named. An unknown marker gives an empty page; see [`marker_exists`].
///
/// **Errors**: [`DbError::UnsupportedSort`].
pub async fn list(conn: &mut Conn, owner: Option<&str>, page: &Page) -> Result<Vec<Operation>, DbError> {
    let paging = OPERATIONS.paging(page)?;
    models(on!(conn, Db, |c| {
        let mut query = o::operations.select((o::id, OperationRow::as_select())).into_boxed::<Db>();
        if let Some(owner) = owner {
            query = query.filter(o::owner.eq(owner));
        }
        paged!(query, paging).load(c)
    }))
}

/// Whether there is an operation with this identity.
pub async fn marker_exists(conn: &mut Conn, uuid: &str) -> Result<bool, DbError> {
    on!(conn, |c| diesel::select(diesel::dsl::exists(o::operations.filter(o::uuid.eq(uuid)))).get_result(c))
}

/// Lists operations that have not ended and that nobody drives, those first that were driven least often.
pub async fn list_undriven(
    conn: &mut Conn,
    now: OffsetDateTime,
    limit: i64,
) -> Result<Vec<Operation>, DbError> {
    models(on!(conn, |c| o::operations
        .filter(o::finished_at.is_null())
        .filter(o::lease_expires_at.is_null().or(o::lease_expires_at.lt(stored_time(now))))
        .order((o::generation.asc(), o::id.asc()))
        .limit(limit)
        .select((o::id, OperationRow::as_select()))
        .load(c)))
}

fn models(rows: Result<Vec<(i64, OperationRow)>, DbError>) -> Result<Vec<Operation>, DbError> {
    rows?.into_iter().map(|(id, row)| row.into_model(id)).collect()
}
