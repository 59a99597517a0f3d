//! Reading chassis.

use super::row::ChassisRow;
use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::paging::{SortKey, Sortable, key, nullable, paged};
use crate::schema::chassis::dsl as c;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::chassis::Chassis;
use ferric_model::page::Page;
use uuid::Uuid;

const CHASSIS: Sortable = Sortable { table: "chassis", marker: "uuid", keys: &KEYS };

const KEYS: [SortKey; 5] = [
    key("id", "{t}.id"),
    key("uuid", "{t}.uuid"),
    nullable("description", "{t}.description"),
    key("created_at", "{t}.created_at"),
    nullable("updated_at", "{t}.updated_at"),
];

/// Finds one chassis.
pub async fn find(conn: &mut Conn, uuid: Uuid) -> Result<Option<Chassis>, DbError> {
    let row: Option<(i64, ChassisRow)> = on!(conn, |conn| async {
        let query = c::chassis.select((c::id, ChassisRow::as_select()));
        query.filter(c::uuid.eq(uuid.to_string())).first(conn).await.optional()
    })?;
    row.map(|(id, row)| row.into_model(id)).transpose()
}

/// Lists one page in one statement. An unknown marker gives an empty page; see [`exists`].
///
/// **Errors**: [`DbError::UnsupportedSort`].
pub async fn list(conn: &mut Conn, page: &Page) -> Result<Vec<Chassis>, DbError> {
    let paging = CHASSIS.paging(page)?;
    let rows: Vec<(i64, ChassisRow)> = on!(conn, Db, |conn| {
        let query = c::chassis.select((c::id, ChassisRow::as_select())).into_boxed::<Db>();
        paged!(query, paging).load(conn)
    })?;
    rows.into_iter().map(|(id, row)| row.into_model(id)).collect()
}

/// Whether there is such a chassis: what to ask when a page with a marker, or a list of its nodes, came back empty.
pub async fn exists(conn: &mut Conn, uuid: &str) -> Result<bool, DbError> {
    on!(conn, |conn| diesel::select(diesel::dsl::exists(c::chassis.filter(c::uuid.eq(uuid))))
        .get_result(conn))
}
