//! The stored form of a volume connector.

use crate::error::DbError;
use crate::schema::volume_connectors;
use crate::types::{model_json, model_time, stored_json, stored_time, uuid};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use ferric_model::volume::VolumeConnector;
use time::PrimitiveDateTime;

/// A connector without its row number.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = volume_connectors, primary_key(uuid), treat_none_as_null = true)]
#[diesel(treat_none_as_default_value = false, check_for_backend(Pg, Sqlite))]
pub(super) struct ConnectorRow {
    uuid: String,
    node_uuid: String,
    kind: String,
    connector_id: String,
    extra: String,
    created_at: PrimitiveDateTime,
    updated_at: Option<PrimitiveDateTime>,
}

impl ConnectorRow {
    /// What to store for `connector`.
    pub(super) fn new(connector: &VolumeConnector) -> Result<Self, DbError> {
        Ok(Self {
            uuid: connector.uuid.to_string(),
            node_uuid: connector.node_uuid.to_string(),
            kind: connector.kind.clone(),
            connector_id: connector.connector_id.clone(),
            extra: stored_json(&connector.extra)?,
            created_at: stored_time(connector.created_at),
            updated_at: connector.updated_at.map(stored_time),
        })
    }

    /// What is stored, as the model has it.
    pub(super) fn into_model(self, id: i64) -> Result<VolumeConnector, DbError> {
        Ok(VolumeConnector {
            id,
            uuid: uuid("volume_connectors.uuid", &self.uuid)?,
            node_uuid: uuid("volume_connectors.node_uuid", &self.node_uuid)?,
            kind: self.kind,
            connector_id: self.connector_id,
            extra: model_json("volume_connectors.extra", &self.extra)?,
            created_at: model_time(self.created_at),
            updated_at: self.updated_at.map(model_time),
        })
    }
}
