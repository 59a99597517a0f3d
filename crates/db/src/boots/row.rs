//! The stored form of attempts to boot.

use crate::error::DbError;
use crate::schema::{boot_attempts, boot_files};
use crate::types::{model_time, optional_uuid, stored_time, uuid, word};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use ferric_model::boot::{BootAttempt, BootFile, BootPurpose};
use time::PrimitiveDateTime;

#[derive(Queryable, Selectable)]
#[diesel(table_name = boot_attempts, check_for_backend(Pg, Sqlite))]
pub(super) struct AttemptRow {
    id: i64,
    node_uuid: String,
    task_id: Option<String>,
    purpose: String,
    token: String,
    interface: String,
    number: i32,
    started_at: PrimitiveDateTime,
    deadline_at: Option<PrimitiveDateTime>,
    ended_at: Option<PrimitiveDateTime>,
}

/// The back end numbers the row.
#[derive(Insertable)]
#[diesel(table_name = boot_attempts, treat_none_as_default_value = false)]
pub(super) struct NewAttempt {
    node_uuid: String,
    task_id: Option<String>,
    purpose: String,
    token: String,
    interface: String,
    number: i32,
    started_at: PrimitiveDateTime,
    deadline_at: Option<PrimitiveDateTime>,
    ended_at: Option<PrimitiveDateTime>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = boot_files, check_for_backend(Pg, Sqlite))]
pub(super) struct FileRow {
    file: String,
    head_at: Option<PrimitiveDateTime>,
    get_at: Option<PrimitiveDateTime>,
    bytes: i64,
    total_bytes: i64,
    seen_at: PrimitiveDateTime,
    error: Option<String>,
}

impl NewAttempt {
    pub(super) fn new(attempt: &BootAttempt) -> Self {
        Self {
            node_uuid: attempt.node_uuid.to_string(),
            task_id: attempt.task_id.map(|id| id.to_string()),
            purpose: attempt.purpose.as_str().to_owned(),
            token: attempt.token.clone(),
            interface: attempt.interface.clone(),
            number: attempt.number,
            started_at: stored_time(attempt.started_at),
            deadline_at: attempt.deadline_at.map(stored_time),
            ended_at: attempt.ended_at.map(stored_time),
        }
    }
}

impl AttemptRow {
    pub(super) fn into_model(self) -> Result<BootAttempt, DbError> {
        Ok(BootAttempt {
            id: self.id,
            node_uuid: uuid("boot_attempts.node_uuid", &self.node_uuid)?,
            task_id: optional_uuid("boot_attempts.task_id", self.task_id.as_deref())?,
            purpose: word("boot_attempts.purpose", &self.purpose, BootPurpose::find)?,
            token: self.token,
            interface: self.interface,
            number: self.number,
            started_at: model_time(self.started_at),
            deadline_at: self.deadline_at.map(model_time),
            ended_at: self.ended_at.map(model_time),
        })
    }
}

impl FileRow {
    pub(super) fn into_model(self) -> BootFile {
        BootFile {
            file: self.file,
            head_at: self.head_at.map(model_time),
            get_at: self.get_at.map(model_time),
            bytes: self.bytes.min(self.total_bytes),
            total_bytes: self.total_bytes,
            seen_at: model_time(self.seen_at),
            error: self.error,
        }
    }
}
