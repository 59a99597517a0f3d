//! Reading allocations.

use super::filter::{AllocationFilter, narrowed};
use super::row::AllocationRow;
use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::ident::Ident;
use crate::paging::{SortKey, Sortable, key, nullable, paged};
use crate::schema::allocations::dsl as a;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::allocation::{Allocation, AllocationState};
use ferric_model::page::Page;
use uuid::Uuid;

const ALLOCATIONS: Sortable = Sortable { table: "allocations", marker: "uuid", keys: &KEYS };

const KEYS: [SortKey; 10] = [
    key("id", "{t}.id"),
    key("uuid", "{t}.uuid"),
    nullable("name", "{t}.name"),
    nullable("node_uuid", "{t}.node_uuid"),
    key("state", "{t}.state"),
    nullable("resource_class", "{t}.resource_class"),
    nullable("owner", "{t}.owner"),
    nullable("last_error", "{t}.last_error"),
    key("created_at", "{t}.created_at"),
    nullable("updated_at", "{t}.updated_at"),
];

/// Finds one allocation.
pub async fn find(conn: &mut Conn, ident: &Ident) -> Result<Option<Allocation>, DbError> {
    let row: Option<(i64, AllocationRow)> = on!(conn, Db, |c| async {
        let query = a::allocations.select((a::id, AllocationRow::as_select())).into_boxed::<Db>();
        let query = match ident {
            Ident::Uuid(uuid) => query.filter(a::uuid.eq(uuid.to_string())),
            Ident::Name(name) => query.filter(a::name.eq(name)),
        };
        query.first(c).await.optional()
    })?;
    row.map(|(id, row)| row.into_model(id)).transpose()
}

/// Finds the allocation that has a node.
pub async fn find_of_node(conn: &mut Conn, node_uuid: Uuid) -> Result<Option<Allocation>, DbError> {
    let node_uuid = node_uuid.to_string();
    let row: Option<(i64, AllocationRow)> = on!(conn, |c| async {
        let query = a::allocations.select((a::id, AllocationRow::as_select()));
        query.filter(a::node_uuid.eq(&node_uuid)).first(c).await.optional()
    })?;
    row.map(|(id, row)| row.into_model(id)).transpose()
}

/// Lists one page in one statement. An unknown marker gives an empty page; see [`marker_exists`].
///
/// **Errors**: [`DbError::UnsupportedSort`].
pub async fn list(
    conn: &mut Conn,
    filter: &AllocationFilter,
    page: &Page,
) -> Result<Vec<Allocation>, DbError> {
    let paging = ALLOCATIONS.paging(page)?;
    let rows: Vec<(i64, AllocationRow)> = on!(conn, Db, |c| {
        let query = a::allocations.select((a::id, AllocationRow::as_select())).into_boxed::<Db>();
        paged!(narrowed!(query, filter), paging).load(c)
    })?;
    rows.into_iter().map(|(id, row)| row.into_model(id)).collect()
}

/// Lists those that still look for a node, the oldest first; with row numbers, only those among them.
pub async fn list_allocating(
    conn: &mut Conn,
    ids: Option<&[i64]>,
    limit: i64,
) -> Result<Vec<Allocation>, DbError> {
    let rows: Vec<(i64, AllocationRow)> = on!(conn, Db, |c| {
        let mut query = a::allocations
            .filter(a::state.eq(AllocationState::Allocating.as_str()))
            .order(a::id.asc())
            .limit(limit)
            .select((a::id, AllocationRow::as_select()))
            .into_boxed::<Db>();
        if let Some(ids) = ids {
            query = query.filter(a::id.eq_any(ids));
        }
        query.load(c)
    })?;
    rows.into_iter().map(|(id, row)| row.into_model(id)).collect()
}

/// Whether a marker names an allocation: what to ask when a page with a marker came back empty.
pub async fn marker_exists(conn: &mut Conn, marker: &str) -> Result<bool, DbError> {
    on!(conn, |c| diesel::select(diesel::dsl::exists(a::allocations.filter(a::uuid.eq(marker))))
        .get_result(c))
}
