//! Reading attempts to boot.

use super::row::{AttemptRow, FileRow};
use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::schema::boot_attempts::dsl as a;
use crate::schema::boot_files::dsl as f;
use crate::types::stored_time;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::boot::{BootAttempt, BootFile, BootPurpose};
use time::OffsetDateTime;
use uuid::Uuid;

/// Finds the attempt with this token, ended or not.
pub async fn find_by_token(conn: &mut Conn, token: &str) -> Result<Option<BootAttempt>, DbError> {
    let row: Option<AttemptRow> = on!(conn, |c| async {
        a::boot_attempts.filter(a::token.eq(token)).select(AttemptRow::as_select()).first(c).await.optional()
    })?;
    row.map(AttemptRow::into_model).transpose()
}

/// Finds the attempts of a node that have not ended, the newest first.
pub async fn find_open(conn: &mut Conn, node_uuid: Uuid) -> Result<Vec<BootAttempt>, DbError> {
    let node_uuid = node_uuid.to_string();
    let rows: Vec<AttemptRow> = on!(conn, |c| a::boot_attempts
        .filter(a::node_uuid.eq(&node_uuid))
        .filter(a::ended_at.is_null())
        .order(a::id.desc())
        .select(AttemptRow::as_select())
        .load(c))?;
    rows.into_iter().map(AttemptRow::into_model).collect()
}

/// Finds the last attempt of a task for this purpose, ended or not.
pub async fn latest_of_task(
    conn: &mut Conn,
    node_uuid: Uuid,
    task_id: Uuid,
    purpose: BootPurpose,
) -> Result<Option<BootAttempt>, DbError> {
    let (node_uuid, task_id) = (node_uuid.to_string(), task_id.to_string());
    let row: Option<AttemptRow> = on!(conn, |c| async {
        a::boot_attempts
            .filter(a::node_uuid.eq(&node_uuid))
            .filter(a::task_id.eq(&task_id))
            .filter(a::purpose.eq(purpose.as_str()))
            .order(a::id.desc())
            .select(AttemptRow::as_select())
            .first(c)
            .await
            .optional()
    })?;
    row.map(AttemptRow::into_model).transpose()
}

/// Lists attempts in which nothing happened in time, those that waited longest first.
pub async fn list_overdue(
    conn: &mut Conn,
    now: OffsetDateTime,
    limit: i64,
) -> Result<Vec<BootAttempt>, DbError> {
    let rows: Vec<AttemptRow> = on!(conn, |c| a::boot_attempts
        .filter(a::deadline_at.lt(stored_time(now)))
        .order((a::deadline_at.asc(), a::id.asc()))
        .limit(limit)
        .select(AttemptRow::as_select())
        .load(c))?;
    rows.into_iter().map(AttemptRow::into_model).collect()
}

/// What is known of the files of an attempt, by name.
pub async fn files(conn: &mut Conn, attempt_id: i64) -> Result<Vec<BootFile>, DbError> {
    let rows: Vec<FileRow> = on!(conn, |c| f::boot_files
        .filter(f::attempt_id.eq(attempt_id))
        .order(f::file.asc())
        .select(FileRow::as_select())
        .load(c))?;
    Ok(rows.into_iter().map(FileRow::into_model).collect())
}
