//! Updates that each connection prepares once.
//!
//! diesel prepares every update anew, for each set of columns makes a statement of its own and nobody knows how many there will
//! be. The server then reads and plans it every time, which takes as long as to carry it out, and statements that are sent
//! together wait for each other. So the first of them are kept, which are those of everyday work; what comes later, such as
//! what callers patch in ever new combinations, is prepared anew as before: a connection does not grow without bounds.

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, QueryBuilder, QueryFragment, QueryId};
use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, PoisonError};

/// Statements that are kept, by all connections together.
const MOST: usize = 128;

/// The statements that are kept.
static KEPT: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);

/// An update that is prepared once for each connection, if there is room.
///
/// **Invariant**: its text alone says what it does; all values are bound.
#[derive(Debug, Clone, Copy)]
pub struct Prepared<T>(pub T);

impl<T> QueryId for Prepared<T> {
    type QueryId = ();
    // It is known by its text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB, T> QueryFragment<DB> for Prepared<T>
where
    DB: Backend,
    DB::QueryBuilder: Default,
    T: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, backend: &DB) -> QueryResult<bool> {
        let mut text = DB::QueryBuilder::default();
        self.0.to_sql(&mut text, backend)?;
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(is_kept(&mut kept, text.finish(), MOST))
    }
}

/// Whether a statement is one of the first `most`.
fn is_kept(kept: &mut HashSet<String>, text: String, most: usize) -> bool {
    kept.contains(&text) || (kept.len() < most && kept.insert(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::nodes::dsl as n;
    use diesel::pg::Pg;
    use diesel::prelude::*;
    use diesel::{debug_query, update};

    #[test]
    fn an_update_is_kept_that_would_be_prepared_anew() {
        let anew = || update(n::nodes).filter(n::uuid.eq("u")).set(n::generation.eq(2));
        let kept = Prepared(anew());
        assert!(!QueryFragment::<Pg>::is_safe_to_cache_prepared(&anew(), &Pg).unwrap());
        assert!(QueryFragment::<Pg>::is_safe_to_cache_prepared(&kept, &Pg).unwrap());
        assert_eq!(debug_query::<Pg, _>(&kept).to_string(), debug_query::<Pg, _>(&anew()).to_string());
    }

    #[test]
    fn only_the_first_statements_are_kept() {
        let mut kept = HashSet::new();
        let mut is_kept = |text: &str| is_kept(&mut kept, text.to_owned(), 2);
        assert_eq!(["a", "b", "c", "a", "b", "c"].map(&mut is_kept), [true, true, false, true, true, false]);
    }
}
