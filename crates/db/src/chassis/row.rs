//! The stored form of a chassis.

use crate::error::DbError;
use crate::schema::chassis;
use crate::types::{model_json, model_time, stored_json, stored_time, uuid};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use ferric_model::chassis::Chassis;
use time::PrimitiveDateTime;

/// A chassis without its row number.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = chassis, primary_key(uuid), treat_none_as_null = true)]
#[diesel(treat_none_as_default_value = false, check_for_backend(Pg, Sqlite))]
pub(super) struct ChassisRow {
    uuid: String,
    description: Option<String>,
    extra: String,
    created_at: PrimitiveDateTime,
    updated_at: Option<PrimitiveDateTime>,
}

impl ChassisRow {
    /// What to store for `chassis`.
    pub(super) fn new(chassis: &Chassis) -> Result<Self, DbError> {
        Ok(Self {
            uuid: chassis.uuid.to_string(),
            description: chassis.description.clone(),
            extra: stored_json(&chassis.extra)?,
            created_at: stored_time(chassis.created_at),
            updated_at: chassis.updated_at.map(stored_time),
        })
    }

    /// What is stored, as the model has it.
    pub(super) fn into_model(self, id: i64) -> Result<Chassis, DbError> {
        Ok(Chassis {
            id,
            uuid: uuid("chassis.uuid", &self.uuid)?,
            description: self.description,
            extra: model_json("chassis.extra", &self.extra)?,
            created_at: model_time(self.created_at),
            updated_at: self.updated_at.map(model_time),
        })
    }
}
