//! Reading inspection rules.

use super::row::RuleRow;
use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::paging::{SortKey, Sortable, key, nullable, paged};
use crate::schema::inspection_rules::dsl as r;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::inspection_rule::InspectionRule;
use ferric_model::page::Page;
use uuid::Uuid;

const RULES: Sortable = Sortable { table: "inspection_rules", marker: "uuid", keys: &KEYS };

const KEYS: [SortKey; 8] = [
    key("id", "{t}.id"),
    key("uuid", "{t}.uuid"),
    key("priority", "{t}.priority"),
    nullable("description", "{t}.description"),
    nullable("phase", "{t}.phase"),
    key("sensitive", "{t}.sensitive"),
    key("created_at", "{t}.created_at"),
    nullable("updated_at", "{t}.updated_at"),
];

/// Finds one rule.
pub async fn find(conn: &mut Conn, uuid: Uuid) -> Result<Option<InspectionRule>, DbError> {
    let uuid = uuid.to_string();
    let row: Option<(i64, RuleRow)> = on!(conn, |c| async {
        let query = r::inspection_rules.filter(r::uuid.eq(&uuid));
        query.select((r::id, RuleRow::as_select())).first(c).await.optional()
    })?;
    row.map(|(id, row)| row.into_model(id)).transpose()
}

/// Lists one page, of one phase if one is named, in one statement. An unknown marker gives an empty page; see
/// [`marker_exists`].
///
/// **Errors**: [`DbError::UnsupportedSort`].
pub async fn list(conn: &mut Conn, phase: Option<&str>, page: &Page) -> Result<Vec<InspectionRule>, DbError> {
    let paging = RULES.paging(page)?;
    let rows: Vec<(i64, RuleRow)> = on!(conn, Db, |c| {
        let mut query = r::inspection_rules.select((r::id, RuleRow::as_select())).into_boxed::<Db>();
        if let Some(phase) = phase {
            query = query.filter(r::phase.eq(phase));
        }
        paged!(query, paging).load(c)
    })?;
    rows.into_iter().map(|(id, row)| row.into_model(id)).collect()
}

/// Lists every rule of a phase in the order of creation.
pub async fn list_of_phase(conn: &mut Conn, phase: &str) -> Result<Vec<InspectionRule>, DbError> {
    let rows: Vec<(i64, RuleRow)> = on!(conn, |c| r::inspection_rules
        .filter(r::phase.eq(phase))
        .order(r::id.asc())
        .select((r::id, RuleRow::as_select()))
        .load(c))?;
    rows.into_iter().map(|(id, row)| row.into_model(id)).collect()
}

/// Whether a marker names a rule: what to ask when a page with a marker came back empty.
pub async fn marker_exists(conn: &mut Conn, marker: &str) -> Result<bool, DbError> {
    let query = r::inspection_rules.filter(r::uuid.eq(marker));
    on!(conn, |c| diesel::select(diesel::dsl::exists(query)).get_result(c))
}
