//! The stored forms of operations and items.

use crate::error::DbError;
use crate::schema::{operation_items, operations};
use crate::types::{model_json, model_time, optional_uuid, stored_json, stored_time, uuid, word};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use ferric_model::operation::{ItemState, Operation, OperationItem, OperationKind, OperationState};
use time::PrimitiveDateTime;
use uuid::Uuid;

/// An operation without its row number.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = operations, treat_none_as_default_value = false, check_for_backend(Pg, Sqlite))]
pub(super) struct OperationRow {
    uuid: String,
    generation: i64,
    kind: String,
    state: String,
    max_parallel: i64,
    failure_budget: Option<i64>,
    params: String,
    owner: String,
    actor: String,
    total: i64,
    lease_expires_at: Option<PrimitiveDateTime>,
    created_at: PrimitiveDateTime,
    finished_at: Option<PrimitiveDateTime>,
}

/// An item that is not stored yet.
#[derive(Insertable)]
#[diesel(table_name = operation_items, treat_none_as_default_value = false)]
pub(super) struct NewItemRow {
    operation_uuid: String,
    position: i64,
    subject: String,
    state: String,
    document: String,
    attempts: i64,
}

/// An item.
#[derive(Queryable, Selectable)]
#[diesel(table_name = operation_items, check_for_backend(Pg, Sqlite))]
pub(super) struct ItemRow {
    id: i64,
    position: i64,
    subject: String,
    state: String,
    document: String,
    attempts: i64,
    task_id: Option<String>,
    result: Option<String>,
    finished_at: Option<PrimitiveDateTime>,
}

impl OperationRow {
    pub(super) fn new(operation: &Operation) -> Result<Self, DbError> {
        Ok(Self {
            uuid: operation.uuid.to_string(),
            generation: operation.generation,
            kind: operation.kind.as_str().to_owned(),
            state: operation.state.as_str().to_owned(),
            max_parallel: operation.max_parallel,
            failure_budget: operation.failure_budget,
            params: stored_json(&operation.params)?,
            owner: operation.owner.clone(),
            actor: stored_json(&operation.actor)?,
            total: operation.total,
            lease_expires_at: operation.lease_expires_at.map(stored_time),
            created_at: stored_time(operation.created_at),
            finished_at: operation.finished_at.map(stored_time),
        })
    }

    pub(super) fn into_model(self, id: i64) -> Result<Operation, DbError> {
        Ok(Operation {
            id,
            uuid: uuid("operations.uuid", &self.uuid)?,
            generation: self.generation,
            kind: word("operations.kind", &self.kind, OperationKind::find)?,
            state: word("operations.state", &self.state, OperationState::find)?,
            max_parallel: self.max_parallel,
            failure_budget: self.failure_budget,
            params: model_json("operations.params", &self.params)?,
            owner: self.owner,
            actor: model_json("operations.actor", &self.actor)?,
            total: self.total,
            lease_expires_at: self.lease_expires_at.map(model_time),
            created_at: model_time(self.created_at),
            finished_at: self.finished_at.map(model_time),
        })
    }
}

impl NewItemRow {
    pub(super) fn new(operation: Uuid, item: &OperationItem) -> Result<Self, DbError> {
        Ok(Self {
            operation_uuid: operation.to_string(),
            position: item.position,
            subject: item.subject.clone(),
            state: item.state.as_str().to_owned(),
            document: stored_json(&item.document)?,
            attempts: item.attempts,
        })
    }
}

impl ItemRow {
    pub(super) fn into_model(self) -> Result<OperationItem, DbError> {
        Ok(OperationItem {
            id: self.id,
            position: self.position,
            subject: self.subject,
            state: word("operation_items.state", &self.state, ItemState::find)?,
            document: model_json("operation_items.document", &self.document)?,
            attempts: self.attempts,
            task_id: optional_uuid("operation_items.task_id", self.task_id.as_deref())?,
            failure: self
                .result
                .as_deref()
                .map(|text| model_json("operation_items.result", text))
                .transpose()?,
            finished_at: self.finished_at.map(model_time),
        })
    }
}
