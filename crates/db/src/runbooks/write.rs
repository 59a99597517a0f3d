//! Writing runbooks.

use super::row::RunbookRow;
use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::schema::runbooks::dsl as r;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::runbook::Runbook;
use time::OffsetDateTime;
use uuid::Uuid;

/// Stores a new runbook and returns it with its row number and generation 1.
///
/// **Errors**: [`DbError::Conflict`] with `RunbookUuid` or `RunbookName`.
pub async fn insert(conn: &mut Conn, runbook: &Runbook) -> Result<Runbook, DbError> {
    let mut runbook = Runbook { generation: 1, ..runbook.clone() };
    let row = RunbookRow::new(&runbook)?;
    runbook.id = on!(conn, |c| diesel::insert_into(r::runbooks).values(&row).returning(r::id).get_result(c))?;
    Ok(runbook)
}

/// Writes all of `runbook` if it still has the generation it was read with, and counts the generation up.
///
/// False means that somebody else wrote first: nothing is changed, read again and decide anew.
///
/// **Errors**: [`DbError::Conflict`] with `RunbookName`.
pub async fn save(conn: &mut Conn, runbook: &Runbook, now: OffsetDateTime) -> Result<bool, DbError> {
    let (uuid, read) = (runbook.uuid.to_string(), runbook.generation);
    let row = RunbookRow::new(runbook)?.written(read + 1, now);
    let written = on!(conn, |c| diesel::update(r::runbooks)
        .filter(r::uuid.eq(&uuid))
        .filter(r::generation.eq(read))
        .set(&row)
        .execute(c))?;
    Ok(written == 1)
}

/// Deletes a runbook; false if it did not exist.
pub async fn delete(conn: &mut Conn, uuid: Uuid) -> Result<bool, DbError> {
    let uuid = uuid.to_string();
    let deleted = on!(conn, |c| diesel::delete(r::runbooks).filter(r::uuid.eq(&uuid)).execute(c))?;
    Ok(deleted == 1)
}
