//! The stored form of a deploy template.

use crate::error::DbError;
use crate::schema::deploy_templates;
use crate::types::{model_json, model_time, stored_json, stored_time, uuid};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use ferric_model::deploy_template::DeployTemplate;
use time::{OffsetDateTime, PrimitiveDateTime};

/// A deploy template without its row number.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = deploy_templates, primary_key(uuid), treat_none_as_null = true)]
#[diesel(treat_none_as_default_value = false, check_for_backend(Pg, Sqlite))]
pub(super) struct TemplateRow {
    uuid: String,
    generation: i64,
    name: String,
    steps: String,
    extra: String,
    created_at: PrimitiveDateTime,
    updated_at: Option<PrimitiveDateTime>,
}

impl TemplateRow {
    /// What to store for `template`.
    pub(super) fn new(template: &DeployTemplate) -> Result<Self, DbError> {
        Ok(Self {
            uuid: template.uuid.to_string(),
            generation: template.generation,
            name: template.name.clone(),
            steps: stored_json(&template.steps)?,
            extra: stored_json(&template.extra)?,
            created_at: stored_time(template.created_at),
            updated_at: template.updated_at.map(stored_time),
        })
    }

    /// The same, written at `now` as `generation`.
    pub(super) fn written(self, generation: i64, now: OffsetDateTime) -> Self {
        Self { generation, updated_at: Some(stored_time(now)), ..self }
    }

    /// What is stored, as the model has it.
    pub(super) fn into_model(self, id: i64) -> Result<DeployTemplate, DbError> {
        Ok(DeployTemplate {
            id,
            uuid: uuid("deploy_templates.uuid", &self.uuid)?,
            generation: self.generation,
            name: self.name,
            steps: model_json("deploy_templates.steps", &self.steps)?,
            extra: model_json("deploy_templates.extra", &self.extra)?,
            created_at: model_time(self.created_at),
            updated_at: self.updated_at.map(model_time),
        })
    }
}
