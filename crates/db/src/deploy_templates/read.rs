//! Reading deploy templates.

use super::row::TemplateRow;
use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::ident::Ident;
use crate::paging::{SortKey, Sortable, key, nullable, paged};
use crate::schema::deploy_templates::dsl as d;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::deploy_template::DeployTemplate;
use ferric_model::page::Page;

const TEMPLATES: Sortable = Sortable { table: "deploy_templates", marker: "uuid", keys: &KEYS };

const KEYS: [SortKey; 5] = [
    key("id", "{t}.id"),
    key("uuid", "{t}.uuid"),
    key("name", "{t}.name"),
    key("created_at", "{t}.created_at"),
    nullable("updated_at", "{t}.updated_at"),
];

/// Finds one deploy template.
pub async fn find(conn: &mut Conn, ident: &Ident) -> Result<Option<DeployTemplate>, DbError> {
    let row: Option<(i64, TemplateRow)> = on!(conn, Db, |c| async {
        let query = d::deploy_templates.select((d::id, TemplateRow::as_select())).into_boxed::<Db>();
        let query = match ident {
            Ident::Uuid(uuid) => query.filter(d::uuid.eq(uuid.to_string())),
            Ident::Name(name) => query.filter(d::name.eq(name)),
        };
        query.first(c).await.optional()
    })?;
    row.map(|(id, row)| row.into_model(id)).transpose()
}

/// Lists one page in one statement. An unknown marker gives an empty page; see [`marker_exists`].
///
/// **Errors**: [`DbError::UnsupportedSort`].
pub async fn list(conn: &mut Conn, page: &Page) -> Result<Vec<DeployTemplate>, DbError> {
    let paging = TEMPLATES.paging(page)?;
    let rows: Vec<(i64, TemplateRow)> = on!(conn, Db, |c| {
        let query = d::deploy_templates.select((d::id, TemplateRow::as_select())).into_boxed::<Db>();
        paged!(query, paging).load(c)
    })?;
    rows.into_iter().map(|(id, row)| row.into_model(id)).collect()
}

/// Lists those with one of these names, in the order of their creation.
pub async fn list_by_names(conn: &mut Conn, names: &[String]) -> Result<Vec<DeployTemplate>, DbError> {
    let rows: Vec<(i64, TemplateRow)> = on!(conn, |c| d::deploy_templates
        .filter(d::name.eq_any(names))
        .order(d::id.asc())
        .select((d::id, TemplateRow::as_select()))
        .load(c))?;
    rows.into_iter().map(|(id, row)| row.into_model(id)).collect()
}

/// Whether a marker names a deploy template: what to ask when a page with a marker came back empty.
pub async fn marker_exists(conn: &mut Conn, marker: &str) -> Result<bool, DbError> {
    on!(conn, |c| diesel::select(diesel::dsl::exists(d::deploy_templates.filter(d::uuid.eq(marker))))
        .get_result(c))
}
