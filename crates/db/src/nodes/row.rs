//! The stored form of a node.

use crate::error::DbError;
use crate::schema::nodes;
use crate::types::{model_json, model_time, optional_uuid, optional_word, stored_json, stored_time, uuid};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use ferric_model::lifecycle::Provision;
use ferric_model::node::{Fault, Node};
use ferric_model::power::PowerState;
use time::{OffsetDateTime, PrimitiveDateTime};

/// A node without its row number.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = nodes, primary_key(uuid), treat_none_as_null = true)]
#[diesel(treat_none_as_default_value = false, check_for_backend(Pg, Sqlite))]
pub(crate) struct NodeRow {
    uuid: String,
    generation: i64,
    name: Option<String>,
    driver: String,
    provision_state: String,
    target_provision_state: Option<String>,
    provision_updated_at: Option<PrimitiveDateTime>,
    power_state: Option<String>,
    target_power_state: Option<String>,
    maintenance: bool,
    fault: Option<String>,
    reservation: Option<String>,
    instance_uuid: Option<String>,
    instance_name: Option<String>,
    allocation_uuid: Option<String>,
    resource_class: Option<String>,
    conductor_group: String,
    owner: Option<String>,
    lessee: Option<String>,
    shard: Option<String>,
    parent_node: Option<String>,
    chassis_uuid: Option<String>,
    retired: bool,
    description: Option<String>,
    traits: String,
    inspection_started_at: Option<PrimitiveDateTime>,
    created_at: PrimitiveDateTime,
    updated_at: Option<PrimitiveDateTime>,
    spec: String,
    status: String,
}

impl NodeRow {
    /// What to store for `node`.
    pub(super) fn new(node: &Node) -> Result<Self, DbError> {
        Ok(Self {
            uuid: node.uuid.to_string(),
            generation: node.generation,
            name: node.name.clone(),
            driver: node.driver.clone(),
            provision_state: node.provision.state().as_str().to_owned(),
            target_provision_state: node.provision.target().map(|state| state.as_str().to_owned()),
            provision_updated_at: node.provision_updated_at.map(stored_time),
            power_state: node.power_state.map(|state| state.as_str().to_owned()),
            target_power_state: node.target_power_state.map(|state| state.as_str().to_owned()),
            maintenance: node.maintenance,
            fault: node.fault.map(|fault| fault.as_str().to_owned()),
            reservation: node.reservation.clone(),
            instance_uuid: node.instance_uuid.map(|uuid| uuid.to_string()),
            instance_name: node.instance_name.clone(),
            allocation_uuid: node.allocation_uuid.map(|uuid| uuid.to_string()),
            resource_class: node.resource_class.clone(),
            conductor_group: node.conductor_group.clone(),
            owner: node.owner.clone(),
            lessee: node.lessee.clone(),
            shard: node.shard.clone(),
            parent_node: node.parent_node.map(|uuid| uuid.to_string()),
            chassis_uuid: node.chassis_uuid.map(|uuid| uuid.to_string()),
            retired: node.retired,
            description: node.description.clone(),
            traits: stored_json(&node.traits)?,
            inspection_started_at: node.inspection_started_at.map(stored_time),
            created_at: stored_time(node.created_at),
            updated_at: node.updated_at.map(stored_time),
            spec: stored_json(&node.spec)?,
            status: stored_json(&node.status)?,
        })
    }

    /// The same as the next write.
    pub(super) fn written(self, generation: i64, now: OffsetDateTime) -> Self {
        Self { generation, updated_at: Some(stored_time(now)), ..self }
    }

    /// What is stored, as the model has it.
    pub(crate) fn into_model(self, id: i64) -> Result<Node, DbError> {
        let provision =
            Provision::from_stored(&self.provision_state, self.target_provision_state.as_deref()).map_err(
                |error| DbError::Corrupt { column: "nodes.provision_state", value: error.to_string() },
            )?;
        Ok(Node {
            id,
            uuid: uuid("nodes.uuid", &self.uuid)?,
            generation: self.generation,
            name: self.name,
            driver: self.driver,
            provision,
            provision_updated_at: self.provision_updated_at.map(model_time),
            power_state: optional_word("nodes.power_state", self.power_state.as_deref(), PowerState::find)?,
            target_power_state: optional_word(
                "nodes.target_power_state",
                self.target_power_state.as_deref(),
                PowerState::find,
            )?,
            maintenance: self.maintenance,
            fault: optional_word("nodes.fault", self.fault.as_deref(), Fault::find)?,
            reservation: self.reservation,
            instance_uuid: optional_uuid("nodes.instance_uuid", self.instance_uuid.as_deref())?,
            instance_name: self.instance_name,
            allocation_uuid: optional_uuid("nodes.allocation_uuid", self.allocation_uuid.as_deref())?,
            resource_class: self.resource_class,
            conductor_group: self.conductor_group,
            owner: self.owner,
            lessee: self.lessee,
            shard: self.shard,
            parent_node: optional_uuid("nodes.parent_node", self.parent_node.as_deref())?,
            chassis_uuid: optional_uuid("nodes.chassis_uuid", self.chassis_uuid.as_deref())?,
            retired: self.retired,
            description: self.description,
            traits: model_json("nodes.traits", &self.traits)?,
            inspection_started_at: self.inspection_started_at.map(model_time),
            created_at: model_time(self.created_at),
            updated_at: self.updated_at.map(model_time),
            spec: model_json("nodes.spec", &self.spec)?,
            status: model_json("nodes.status", &self.status)?,
        })
    }
}
