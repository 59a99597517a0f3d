//! The stored form of a runbook.

use crate::error::DbError;
use crate::schema::runbooks;
use crate::types::{model_json, model_time, stored_json, stored_time, uuid};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use ferric_model::runbook::Runbook;
use time::{OffsetDateTime, PrimitiveDateTime};

/// A runbook without its row number.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = runbooks, primary_key(uuid), treat_none_as_null = true)]
#[diesel(treat_none_as_default_value = false, check_for_backend(Pg, Sqlite))]
pub(super) struct RunbookRow {
    uuid: String,
    generation: i64,
    name: String,
    description: Option<String>,
    disable_ramdisk: bool,
    public: bool,
    owner: Option<String>,
    traits: String,
    steps: String,
    extra: String,
    created_at: PrimitiveDateTime,
    updated_at: Option<PrimitiveDateTime>,
}

impl RunbookRow {
    /// What to store for `runbook`.
    pub(super) fn new(runbook: &Runbook) -> Result<Self, DbError> {
        Ok(Self {
            uuid: runbook.uuid.to_string(),
            generation: runbook.generation,
            name: runbook.name.clone(),
            description: runbook.description.clone(),
            disable_ramdisk: runbook.disable_ramdisk,
            public: runbook.public,
            owner: runbook.owner.clone(),
            traits: stored_json(&runbook.traits)?,
            steps: stored_json(&runbook.steps)?,
            extra: stored_json(&runbook.extra)?,
            created_at: stored_time(runbook.created_at),
            updated_at: runbook.updated_at.map(stored_time),
        })
    }

    /// The same, written at `now` as `generation`.
    pub(super) fn written(self, generation: i64, now: OffsetDateTime) -> Self {
        Self { generation, updated_at: Some(stored_time(now)), ..self }
    }

    /// What is stored, as the model has it.
    pub(super) fn into_model(self, id: i64) -> Result<Runbook, DbError> {
        Ok(Runbook {
            id,
            uuid: uuid("runbooks.uuid", &self.uuid)?,
            generation: self.generation,
            name: self.name,
            description: self.description,
            disable_ramdisk: self.disable_ramdisk,
            public: self.public,
            owner: self.owner,
            traits: model_json("runbooks.traits", &self.traits)?,
            steps: model_json("runbooks.steps", &self.steps)?,
            extra: model_json("runbooks.extra", &self.extra)?,
            created_at: model_time(self.created_at),
            updated_at: self.updated_at.map(model_time),
        })
    }
}
