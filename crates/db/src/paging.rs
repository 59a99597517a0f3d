//! Sorted pages of any table, in one statement, by the position of a marker row.
//!
//! Absent values sort as PostgreSQL has it on both back ends: last when ascending, first when descending. Rows with equal
//! values stand in the order of their `id`, so that no row is lost or repeated between pages.

use crate::error::DbError;
use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{Bool, HasSqlType, Text};
use ferric_model::page::{Page, SortDirection};

/// A list that can be sorted.
pub(crate) struct Sortable {
    /// The table.
    pub table: &'static str,
    /// The unique column that markers name.
    pub marker: &'static str,
    /// What it can be sorted by.
    pub keys: &'static [SortKey],
}

/// One way to sort.
pub(crate) struct SortKey {
    /// Its name in the API.
    pub name: &'static str,
    /// The expression, with `{t}` where the table goes.
    pub sql: &'static str,
    /// Whether it can be absent.
    pub nullable: bool,
}

/// The order of a page and where it begins.
pub(crate) struct Paging {
    /// For `ORDER BY`.
    pub order: Fragment,
    /// For `WHERE`.
    pub after: Option<Fragment>,
    /// For `LIMIT`.
    pub limit: i64,
}

/// A piece of SQL made of constants, with at most one bound text. Unlike diesel's own literal it may be kept prepared,
/// for there are only as many as there are ways to sort.
#[derive(Debug, Clone)]
pub(crate) struct Fragment {
    before: String,
    bound: Option<(String, String)>,
}

/// A key that is never absent.
pub(crate) const fn key(name: &'static str, sql: &'static str) -> SortKey {
    SortKey { name, sql, nullable: false }
}

/// A key that can be absent.
pub(crate) const fn nullable(name: &'static str, sql: &'static str) -> SortKey {
    SortKey { name, sql, nullable: true }
}

impl Sortable {
    /// Makes order and beginning of a page.
    pub(crate) fn paging(&self, page: &Page) -> Result<Paging, DbError> {
        let key = self
            .keys
            .iter()
            .find(|key| key.name == page.sort_key)
            .ok_or_else(|| DbError::UnsupportedSort(page.sort_key.clone()))?;
        Ok(Paging {
            order: Fragment { before: self.order(key, page.sort_dir), bound: None },
            after: page.marker.as_ref().map(|marker| self.after(key, page.sort_dir, marker)),
            limit: page.limit,
        })
    }

    fn order(&self, key: &SortKey, direction: SortDirection) -> String {
        let table = self.table;
        let value = key.sql.replace("{t}", table);
        let way = match direction {
            SortDirection::Asc => "ASC",
            SortDirection::Desc => "DESC",
        };
        match (key.name, key.nullable) {
            ("id", _) => format!("{table}.id {way}"),
            (_, false) => format!("{value} {way}, {table}.id {way}"),
            // Indexes of PostgreSQL are in this order, so the words only tell SQLite.
            (_, true) => {
                let absent = match direction {
                    SortDirection::Asc => "LAST",
                    SortDirection::Desc => "FIRST",
                };
                format!("{value} {way} NULLS {absent}, {table}.id {way}")
            }
        }
    }

    fn after(&self, key: &SortKey, direction: SortDirection, marker: &str) -> Fragment {
        let Self { table, marker: column, .. } = self;
        let value = key.sql.replace("{t}", table);
        let mark = key.sql.replace("{t}", "marker");
        let (past, null_is_past) = match direction {
            SortDirection::Asc => (">", format!("({value} IS NULL AND {mark} IS NOT NULL)")),
            SortDirection::Desc => ("<", format!("({value} IS NOT NULL AND {mark} IS NULL)")),
        };
        let tie = format!("{table}.id {past} marker.id");
        let condition = match (key.name, key.nullable) {
            ("id", _) => {
                return Fragment {
                    before: format!(
                        "{table}.id {past} (SELECT marker.id FROM {table} AS marker WHERE marker.{column} = "
                    ),
                    bound: Some((marker.to_owned(), ")".to_owned())),
                };
            }
            // A comparison of rows, which an index of both columns answers.
            (_, false) => {
                return Fragment {
                    before: format!(
                        "({value}, {table}.id) {past} \
                         (SELECT {mark}, marker.id FROM {table} AS marker WHERE marker.{column} = "
                    ),
                    bound: Some((marker.to_owned(), ")".to_owned())),
                };
            }
            (_, true) => format!(
                "{value} {past} {mark} OR {null_is_past} OR \
                 (({value} = {mark} OR ({value} IS NULL AND {mark} IS NULL)) AND {tie})"
            ),
        };
        Fragment {
            before: format!("EXISTS (SELECT 1 FROM {table} AS marker WHERE marker.{column} = "),
            bound: Some((marker.to_owned(), format!(" AND ({condition}))"))),
        }
    }
}

impl Fragment {
    /// SQL without anything bound.
    pub(crate) fn plain(sql: String) -> Self {
        Self { before: sql, bound: None }
    }

    /// SQL around a bound text.
    pub(crate) fn with(before: String, bound: &str, after: &str) -> Self {
        Self { before, bound: Some((bound.to_owned(), after.to_owned())) }
    }
}

impl Expression for Fragment {
    type SqlType = Bool;
}

impl<DB> QueryFragment<DB> for Fragment
where
    DB: Backend + HasSqlType<Text>,
    String: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(&self.before);
        if let Some((value, after)) = &self.bound {
            out.push_bind_param::<Text, _>(value)?;
            out.push_sql(after);
        }
        Ok(())
    }
}

impl QueryId for Fragment {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<GroupBy> ValidGrouping<GroupBy> for Fragment {
    type IsAggregate = is_aggregate::Never;
}

impl<Source> AppearsOnTable<Source> for Fragment {}
impl<Source> SelectableExpression<Source> for Fragment {}

/// Applies a [`Paging`] to a boxed query.
macro_rules! paged {
    ($query:expr, $paging:expr) => {{
        let mut query = $query.order($paging.order.clone()).limit($paging.limit);
        if let Some(after) = &$paging.after {
            query = query.filter(after.clone());
        }
        query
    }};
}
pub(crate) use paged;
