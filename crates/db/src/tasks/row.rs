//! The stored form of a task.

use crate::error::DbError;
use crate::schema::tasks;
use crate::types::{model_json, model_time, stored_json, stored_time, uuid, word};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use ferric_model::action::Action;
use ferric_model::task::{Task, TaskState};
use time::PrimitiveDateTime;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = tasks, treat_none_as_null = true)]
#[diesel(treat_none_as_default_value = false, check_for_backend(Pg, Sqlite))]
pub(crate) struct TaskRow {
    pub(super) id: String,
    pub(super) node_uuid: String,
    pub(super) conductor_group: String,
    pub(super) action: String,
    pub(super) state: String,
    pub(super) params: String,
    pub(super) progress: String,
    pub(super) epoch: i64,
    pub(super) sequence: i64,
    pub(super) lost_leases: i32,
    pub(super) claimed_by: Option<String>,
    pub(super) lease_expires_at: Option<PrimitiveDateTime>,
    pub(super) deadline_at: Option<PrimitiveDateTime>,
    pub(super) boot_token: Option<String>,
    pub(super) requested_by: Option<String>,
    pub(super) project: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) result: Option<String>,
    pub(super) created_at: PrimitiveDateTime,
    pub(super) started_at: Option<PrimitiveDateTime>,
    pub(super) finished_at: Option<PrimitiveDateTime>,
    pub(super) operation_item: Option<i64>,
    pub(super) resume_at: Option<PrimitiveDateTime>,
    pub(super) awaited_by: Option<String>,
}

/// What the life of a task changes; the rest is written once.
#[derive(AsChangeset)]
#[diesel(table_name = tasks, treat_none_as_null = true)]
pub(crate) struct TaskChanges {
    state: String,
    progress: String,
    epoch: i64,
    sequence: i64,
    lost_leases: i32,
    claimed_by: Option<String>,
    lease_expires_at: Option<PrimitiveDateTime>,
    deadline_at: Option<PrimitiveDateTime>,
    resume_at: Option<PrimitiveDateTime>,
    result: Option<String>,
    started_at: Option<PrimitiveDateTime>,
    finished_at: Option<PrimitiveDateTime>,
}

/// Binds every column of a row, in the order of the table.
macro_rules! bind_row {
    ($query:expr, $row:expr) => {{
        use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamp};
        let row: &$crate::tasks::TaskRow = $row;
        $query
            .bind::<Text, _>(&row.id)
            .bind::<Text, _>(&row.node_uuid)
            .bind::<Text, _>(&row.conductor_group)
            .bind::<Text, _>(&row.action)
            .bind::<Text, _>(&row.state)
            .bind::<Text, _>(&row.params)
            .bind::<Text, _>(&row.progress)
            .bind::<BigInt, _>(row.epoch)
            .bind::<BigInt, _>(row.sequence)
            .bind::<Integer, _>(row.lost_leases)
            .bind::<Nullable<Text>, _>(&row.claimed_by)
            .bind::<Nullable<Timestamp>, _>(row.lease_expires_at)
            .bind::<Nullable<Timestamp>, _>(row.deadline_at)
            .bind::<Nullable<Text>, _>(&row.boot_token)
            .bind::<Nullable<Text>, _>(&row.requested_by)
            .bind::<Nullable<Text>, _>(&row.project)
            .bind::<Nullable<Text>, _>(&row.request_id)
            .bind::<Nullable<Text>, _>(&row.result)
            .bind::<Timestamp, _>(row.created_at)
            .bind::<Nullable<Timestamp>, _>(row.started_at)
            .bind::<Nullable<Timestamp>, _>(row.finished_at)
            .bind::<Nullable<BigInt>, _>(row.operation_item)
            .bind::<Nullable<Timestamp>, _>(row.resume_at)
            .bind::<Nullable<Text>, _>(&row.awaited_by)
    }};
}
pub(super) use bind_row;

impl TaskChanges {
    /// What to store of `task`.
    pub(crate) fn new(task: &Task) -> Result<Self, DbError> {
        Ok(Self {
            state: task.state.as_str().to_owned(),
            progress: stored_json(&task.progress)?,
            epoch: task.epoch,
            sequence: task.sequence,
            lost_leases: task.lost_leases,
            claimed_by: task.claimed_by.clone(),
            lease_expires_at: task.lease_expires_at.map(stored_time),
            deadline_at: task.deadline_at.map(stored_time),
            resume_at: task.resume_at.map(stored_time),
            result: task.result.as_ref().map(stored_json).transpose()?,
            started_at: task.started_at.map(stored_time),
            finished_at: task.finished_at.map(stored_time),
        })
    }
}

impl TaskRow {
    /// What to store for `task`.
    pub(crate) fn new(task: &Task) -> Result<Self, DbError> {
        Ok(Self {
            id: task.id.to_string(),
            node_uuid: task.node_uuid.to_string(),
            conductor_group: task.conductor_group.clone(),
            action: task.action.as_str().to_owned(),
            state: task.state.as_str().to_owned(),
            params: stored_json(&task.params)?,
            progress: stored_json(&task.progress)?,
            epoch: task.epoch,
            sequence: task.sequence,
            lost_leases: task.lost_leases,
            claimed_by: task.claimed_by.clone(),
            lease_expires_at: task.lease_expires_at.map(stored_time),
            deadline_at: task.deadline_at.map(stored_time),
            boot_token: task.boot_token.clone(),
            requested_by: task.user.clone(),
            project: task.project.clone(),
            request_id: task.request_id.clone(),
            result: task.result.as_ref().map(stored_json).transpose()?,
            created_at: stored_time(task.created_at),
            started_at: task.started_at.map(stored_time),
            finished_at: task.finished_at.map(stored_time),
            operation_item: task.operation_item,
            resume_at: task.resume_at.map(stored_time),
            awaited_by: task.awaited_by.map(|id| id.to_string()),
        })
    }

    /// What is stored, as the model has it.
    pub(crate) fn into_model(self) -> Result<Task, DbError> {
        Ok(Task {
            id: uuid("tasks.id", &self.id)?,
            node_uuid: uuid("tasks.node_uuid", &self.node_uuid)?,
            conductor_group: self.conductor_group,
            action: word("tasks.action", &self.action, Action::find)?,
            state: word("tasks.state", &self.state, TaskState::find)?,
            params: model_json("tasks.params", &self.params)?,
            progress: model_json("tasks.progress", &self.progress)?,
            epoch: self.epoch,
            sequence: self.sequence,
            lost_leases: self.lost_leases,
            claimed_by: self.claimed_by,
            lease_expires_at: self.lease_expires_at.map(model_time),
            deadline_at: self.deadline_at.map(model_time),
            boot_token: self.boot_token,
            user: self.requested_by,
            project: self.project,
            request_id: self.request_id,
            result: self.result.as_deref().map(|text| model_json("tasks.result", text)).transpose()?,
            created_at: model_time(self.created_at),
            started_at: self.started_at.map(model_time),
            finished_at: self.finished_at.map(model_time),
            operation_item: self.operation_item,
            resume_at: self.resume_at.map(model_time),
            awaited_by: self.awaited_by.as_deref().map(|text| uuid("tasks.awaited_by", text)).transpose()?,
        })
    }
}
