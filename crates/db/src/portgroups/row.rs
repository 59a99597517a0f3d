//! The stored form of a portgroup.

use crate::error::DbError;
use crate::schema::portgroups;
use crate::types::{model_json, model_time, stored_json, stored_time, uuid};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use ferric_model::portgroup::Portgroup;
use time::PrimitiveDateTime;

/// A portgroup without its row number.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = portgroups, primary_key(uuid), treat_none_as_null = true)]
#[diesel(treat_none_as_default_value = false, check_for_backend(Pg, Sqlite))]
pub(super) struct PortgroupRow {
    uuid: String,
    node_uuid: String,
    name: Option<String>,
    address: Option<String>,
    mode: Option<String>,
    standalone_ports_supported: bool,
    physical_network: Option<String>,
    category: Option<String>,
    dynamic_portgroup: bool,
    detail: String,
    created_at: PrimitiveDateTime,
    updated_at: Option<PrimitiveDateTime>,
}

impl PortgroupRow {
    /// What to store for `portgroup`.
    pub(super) fn new(portgroup: &Portgroup) -> Result<Self, DbError> {
        Ok(Self {
            uuid: portgroup.uuid.to_string(),
            node_uuid: portgroup.node_uuid.to_string(),
            name: portgroup.name.clone(),
            address: portgroup.address.clone(),
            mode: portgroup.mode.clone(),
            standalone_ports_supported: portgroup.standalone_ports_supported,
            physical_network: portgroup.physical_network.clone(),
            category: portgroup.category.clone(),
            dynamic_portgroup: portgroup.dynamic_portgroup,
            detail: stored_json(&portgroup.detail)?,
            created_at: stored_time(portgroup.created_at),
            updated_at: portgroup.updated_at.map(stored_time),
        })
    }

    /// What is stored, as the model has it.
    pub(super) fn into_model(self, id: i64) -> Result<Portgroup, DbError> {
        Ok(Portgroup {
            id,
            uuid: uuid("portgroups.uuid", &self.uuid)?,
            node_uuid: uuid("portgroups.node_uuid", &self.node_uuid)?,
            name: self.name,
            address: self.address,
            mode: self.mode,
            standalone_ports_supported: self.standalone_ports_supported,
            physical_network: self.physical_network,
            category: self.category,
            dynamic_portgroup: self.dynamic_portgroup,
            detail: model_json("portgroups.detail", &self.detail)?,
            created_at: model_time(self.created_at),
            updated_at: self.updated_at.map(model_time),
        })
    }
}
