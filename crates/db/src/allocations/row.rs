//! The stored form of an allocation.

use crate::error::DbError;
use crate::schema::allocations;
use crate::types::{model_json, model_time, optional_uuid, stored_json, stored_time, uuid, word};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use ferric_model::allocation::{Allocation, AllocationState};
use time::{OffsetDateTime, PrimitiveDateTime};

/// An allocation without its row number.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = allocations, primary_key(uuid), treat_none_as_null = true)]
#[diesel(treat_none_as_default_value = false, check_for_backend(Pg, Sqlite))]
pub(super) struct AllocationRow {
    uuid: String,
    generation: i64,
    name: Option<String>,
    node_uuid: Option<String>,
    state: String,
    resource_class: Option<String>,
    owner: Option<String>,
    last_error: Option<String>,
    traits: String,
    candidate_nodes: String,
    extra: String,
    created_at: PrimitiveDateTime,
    updated_at: Option<PrimitiveDateTime>,
}

impl AllocationRow {
    /// What to store for `allocation`.
    pub(super) fn new(allocation: &Allocation) -> Result<Self, DbError> {
        Ok(Self {
            uuid: allocation.uuid.to_string(),
            generation: allocation.generation,
            name: allocation.name.clone(),
            node_uuid: allocation.node_uuid.map(|uuid| uuid.to_string()),
            state: allocation.state.as_str().to_owned(),
            resource_class: allocation.resource_class.clone(),
            owner: allocation.owner.clone(),
            last_error: allocation.last_error.clone(),
            traits: stored_json(&allocation.traits)?,
            candidate_nodes: stored_json(&allocation.candidate_nodes)?,
            extra: stored_json(&allocation.extra)?,
            created_at: stored_time(allocation.created_at),
            updated_at: allocation.updated_at.map(stored_time),
        })
    }

    /// The same, written at `now` as `generation`.
    pub(super) fn written(self, generation: i64, now: OffsetDateTime) -> Self {
        Self { generation, updated_at: Some(stored_time(now)), ..self }
    }

    /// What is stored, as the model has it.
    pub(super) fn into_model(self, id: i64) -> Result<Allocation, DbError> {
        Ok(Allocation {
            id,
            uuid: uuid("allocations.uuid", &self.uuid)?,
            generation: self.generation,
            name: self.name,
            node_uuid: optional_uuid("allocations.node_uuid", self.node_uuid.as_deref())?,
            state: word("allocations.state", &self.state, AllocationState::find)?,
            resource_class: self.resource_class,
            owner: self.owner,
            last_error: self.last_error,
            traits: model_json("allocations.traits", &self.traits)?,
            candidate_nodes: model_json("allocations.candidate_nodes", &self.candidate_nodes)?,
            extra: model_json("allocations.extra", &self.extra)?,
            created_at: model_time(self.created_at),
            updated_at: self.updated_at.map(model_time),
        })
    }
}
