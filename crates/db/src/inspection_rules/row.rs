//! The stored form of an inspection rule.

use crate::error::DbError;
use crate::schema::inspection_rules;
use crate::types::{model_json, model_time, stored_json, stored_time, uuid};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use ferric_model::inspection_rule::InspectionRule;
use time::PrimitiveDateTime;

/// A rule without its row number.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = inspection_rules, primary_key(uuid), treat_none_as_null = true)]
#[diesel(treat_none_as_default_value = false, check_for_backend(Pg, Sqlite))]
pub(super) struct RuleRow {
    uuid: String,
    priority: i64,
    description: Option<String>,
    phase: Option<String>,
    sensitive: bool,
    conditions: String,
    actions: String,
    created_at: PrimitiveDateTime,
    updated_at: Option<PrimitiveDateTime>,
}

impl RuleRow {
    /// What to store for `rule`.
    pub(super) fn new(rule: &InspectionRule) -> Result<Self, DbError> {
        Ok(Self {
            uuid: rule.uuid.to_string(),
            priority: rule.priority,
            description: rule.description.clone(),
            phase: rule.phase.clone(),
            sensitive: rule.sensitive,
            conditions: stored_json(&rule.conditions)?,
            actions: stored_json(&rule.actions)?,
            created_at: stored_time(rule.created_at),
            updated_at: rule.updated_at.map(stored_time),
        })
    }

    /// What is stored, as the model has it.
    pub(super) fn into_model(self, id: i64) -> Result<InspectionRule, DbError> {
        Ok(InspectionRule {
            id,
            uuid: uuid("inspection_rules.uuid", &self.uuid)?,
            priority: self.priority,
            description: self.description,
            phase: self.phase,
            sensitive: self.sensitive,
            conditions: model_json("inspection_rules.conditions", &self.conditions)?,
            actions: model_json("inspection_rules.actions", &self.actions)?,
            created_at: model_time(self.created_at),
            updated_at: self.updated_at.map(model_time),
        })
    }
}
