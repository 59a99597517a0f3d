//! Columns that are read only if they were asked for.

use diesel::backend::Backend;
use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, TypedExpressionType, ValidGrouping, is_aggregate,
};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::IntoNullable;

/// A column, or `NULL` in its place. One query then has as many texts as there are groups of columns to ask for, so that
/// it can be kept prepared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<C> {
    asked: bool,
    column: C,
}

impl<C> Asked<C> {
    pub(crate) fn new(asked: bool, column: C) -> Self {
        Self { asked, column }
    }
}

impl<C> Expression for Asked<C>
where
    C: Expression,
    C::SqlType: IntoNullable,
    <C::SqlType as IntoNullable>::Nullable: TypedExpressionType,
{
    type SqlType = <C::SqlType as IntoNullable>::Nullable;
}

impl<C: QueryFragment<DB>, DB: Backend> QueryFragment<DB> for Asked<C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if self.asked {
            return self.column.walk_ast(out);
        }
        out.push_sql("NULL");
        Ok(())
    }
}

impl<C> QueryId for Asked<C> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C, GroupBy> ValidGrouping<GroupBy> for Asked<C> {
    type IsAggregate = is_aggregate::Never;
}

impl<C: AppearsOnTable<Source>, Source> AppearsOnTable<Source> for Asked<C> where Self: Expression {}
impl<C: SelectableExpression<Source>, Source> SelectableExpression<Source> for Asked<C> where
    Self: AppearsOnTable<Source>
{
}
