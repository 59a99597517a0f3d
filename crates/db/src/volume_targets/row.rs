//! The stored form of a volume target.

use crate::error::DbError;
use crate::schema::volume_targets;
use crate::types::{model_json, model_time, stored_json, stored_time, uuid};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use ferric_model::volume::VolumeTarget;
use time::PrimitiveDateTime;

/// A target without its row number.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = volume_targets, primary_key(uuid), treat_none_as_null = true)]
#[diesel(treat_none_as_default_value = false, check_for_backend(Pg, Sqlite))]
pub(super) struct TargetRow {
    uuid: String,
    node_uuid: String,
    volume_type: String,
    boot_index: i64,
    volume_id: String,
    properties: String,
    extra: String,
    created_at: PrimitiveDateTime,
    updated_at: Option<PrimitiveDateTime>,
}

impl TargetRow {
    /// What to store for `target`.
    pub(super) fn new(target: &VolumeTarget) -> Result<Self, DbError> {
        Ok(Self {
            uuid: target.uuid.to_string(),
            node_uuid: target.node_uuid.to_string(),
            volume_type: target.volume_type.clone(),
            boot_index: target.boot_index,
            volume_id: target.volume_id.clone(),
            properties: stored_json(&target.properties)?,
            extra: stored_json(&target.extra)?,
            created_at: stored_time(target.created_at),
            updated_at: target.updated_at.map(stored_time),
        })
    }

    /// What is stored, as the model has it.
    pub(super) fn into_model(self, id: i64) -> Result<VolumeTarget, DbError> {
        Ok(VolumeTarget {
            id,
            uuid: uuid("volume_targets.uuid", &self.uuid)?,
            node_uuid: uuid("volume_targets.node_uuid", &self.node_uuid)?,
            volume_type: self.volume_type,
            boot_index: self.boot_index,
            volume_id: self.volume_id,
            properties: model_json("volume_targets.properties", &self.properties)?,
            extra: model_json("volume_targets.extra", &self.extra)?,
            created_at: model_time(self.created_at),
            updated_at: self.updated_at.map(model_time),
        })
    }
}
