//! The stored form of a port.

use crate::error::DbError;
use crate::schema::ports;
use crate::types::{model_json, model_time, optional_uuid, stored_json, stored_time, uuid};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use ferric_model::port::Port;
use time::PrimitiveDateTime;

/// A port without its row number.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = ports, primary_key(uuid), treat_none_as_null = true)]
#[diesel(treat_none_as_default_value = false, check_for_backend(Pg, Sqlite))]
pub(super) struct PortRow {
    uuid: String,
    node_uuid: String,
    address: String,
    name: Option<String>,
    portgroup_uuid: Option<String>,
    pxe_enabled: bool,
    physical_network: Option<String>,
    detail: String,
    created_at: Option<PrimitiveDateTime>,
    updated_at: Option<PrimitiveDateTime>,
}

impl PortRow {
    /// What to store for `port`.
    pub(super) fn new(port: &Port) -> Result<Self, DbError> {
        Ok(Self {
            uuid: port.uuid.to_string(),
            node_uuid: port.node_uuid.to_string(),
            address: port.address.clone(),
            name: port.name.clone(),
            portgroup_uuid: port.portgroup_uuid.map(|uuid| uuid.to_string()),
            pxe_enabled: port.pxe_enabled,
            physical_network: port.physical_network.clone(),
            detail: stored_json(&port.detail)?,
            created_at: port.created_at.map(stored_time),
            updated_at: port.updated_at.map(stored_time),
        })
    }

    /// What is stored, as the model has it.
    pub(super) fn into_model(self, id: i64) -> Result<Port, DbError> {
        Ok(Port {
            id,
            uuid: uuid("ports.uuid", &self.uuid)?,
            node_uuid: uuid("ports.node_uuid", &self.node_uuid)?,
            address: self.address,
            name: self.name,
            portgroup_uuid: optional_uuid("ports.portgroup_uuid", self.portgroup_uuid.as_deref())?,
            pxe_enabled: self.pxe_enabled,
            physical_network: self.physical_network,
            detail: model_json("ports.detail", &self.detail)?,
            created_at: self.created_at.map(model_time),
            updated_at: self.updated_at.map(model_time),
        })
    }
}
