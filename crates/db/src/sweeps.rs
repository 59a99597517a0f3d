//! Which process carries out a sweep in a window of time.

use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::schema::sweep_windows::dsl as w;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// Takes the window numbered `window` of `sweep`; false if somebody took it, or a later one, before.
pub async fn win(conn: &mut Conn, sweep: &str, window: i64) -> Result<bool, DbError> {
    let taken = on!(conn, |c| diesel::update(w::sweep_windows)
        .filter(w::sweep.eq(sweep))
        .filter(w::won.lt(window))
        .set(w::won.eq(window))
        .execute(c))?;
    if taken == 1 {
        return Ok(true);
    }
    let first = on!(conn, |c| diesel::insert_into(w::sweep_windows)
        .values((w::sweep.eq(sweep), w::won.eq(window)))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(first == 1)
}
