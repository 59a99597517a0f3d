//! Reading runbooks.

use super::filter::{RunbookFilter, narrowed};
use super::row::RunbookRow;
use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::ident::Ident;
use crate::paging::{SortKey, Sortable, key, nullable, paged};
use crate::schema::runbooks::dsl as r;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::page::Page;
use ferric_model::runbook::Runbook;

const RUNBOOKS: Sortable = Sortable { table: "runbooks", marker: "uuid", keys: &KEYS };

const KEYS: [SortKey; 9] = [
    key("id", "{t}.id"),
    key("uuid", "{t}.uuid"),
    key("name", "{t}.name"),
    nullable("description", "{t}.description"),
    key("disable_ramdisk", "{t}.disable_ramdisk"),
    key("public", "{t}.public"),
    nullable("owner", "{t}.owner"),
    key("created_at", "{t}.created_at"),
    nullable("updated_at", "{t}.updated_at"),
];

/// Finds one runbook.
pub async fn find(conn: &mut Conn, ident: &Ident) -> Result<Option<Runbook>, DbError> {
    let row: Option<(i64, RunbookRow)> = on!(conn, Db, |c| async {
        let query = r::runbooks.select((r::id, RunbookRow::as_select())).into_boxed::<Db>();
        let query = match ident {
            Ident::Uuid(uuid) => query.filter(r::uuid.eq(uuid.to_string())),
            Ident::Name(name) => query.filter(r::name.eq(name)),
        };
        query.first(c).await.optional()
    })?;
    row.map(|(id, row)| row.into_model(id)).transpose()
}

/// Lists one page in one statement. An unknown marker gives an empty page; see [`marker_exists`].
///
/// **Errors**: [`DbError::UnsupportedSort`].
pub async fn list(conn: &mut Conn, filter: &RunbookFilter, page: &Page) -> Result<Vec<Runbook>, DbError> {
    let paging = RUNBOOKS.paging(page)?;
    let rows: Vec<(i64, RunbookRow)> = on!(conn, Db, |c| {
        let query = r::runbooks.select((r::id, RunbookRow::as_select())).into_boxed::<Db>();
        paged!(narrowed!(query, filter), paging).load(c)
    })?;
    rows.into_iter().map(|(id, row)| row.into_model(id)).collect()
}

/// Whether a marker names a runbook: what to ask when a page with a marker came back empty.
pub async fn marker_exists(conn: &mut Conn, marker: &str) -> Result<bool, DbError> {
    on!(conn, |c| diesel::select(diesel::dsl::exists(r::runbooks.filter(r::uuid.eq(marker)))).get_result(c))
}
