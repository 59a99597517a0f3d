//! Calls of vendor methods of hardware types.

use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::schema::driver_calls::{self, dsl as d};
use crate::types::{model_json, model_time, stored_json, stored_time, uuid, word};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use diesel_async::RunQueryDsl;
use ferric_model::driver_call::DriverCall;
use ferric_model::task::TaskState;
use serde_json::Value;
use time::{OffsetDateTime, PrimitiveDateTime};
use uuid::Uuid;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = driver_calls, treat_none_as_default_value = false, check_for_backend(Pg, Sqlite))]
struct Row {
    id: String,
    conductor_group: String,
    driver: String,
    interface: String,
    method: String,
    http_method: String,
    args: String,
    state: String,
    claimed_by: Option<String>,
    result: Option<String>,
    created_at: PrimitiveDateTime,
}

impl Row {
    fn new(call: &DriverCall) -> Result<Self, DbError> {
        Ok(Self {
            id: call.id.to_string(),
            conductor_group: call.conductor_group.clone(),
            driver: call.driver.clone(),
            interface: call.interface.clone(),
            method: call.method.clone(),
            http_method: call.http_method.clone(),
            args: stored_json(&call.args)?,
            state: call.state.as_str().to_owned(),
            claimed_by: call.claimed_by.clone(),
            result: call.result.as_ref().map(stored_json).transpose()?,
            created_at: stored_time(call.created_at),
        })
    }

    fn into_model(self) -> Result<DriverCall, DbError> {
        Ok(DriverCall {
            id: uuid("driver_calls.id", &self.id)?,
            conductor_group: self.conductor_group,
            driver: self.driver,
            interface: self.interface,
            method: self.method,
            http_method: self.http_method,
            args: model_json("driver_calls.args", &self.args)?,
            state: word("driver_calls.state", &self.state, TaskState::find)?,
            claimed_by: self.claimed_by,
            result: self.result.map(|text| model_json("driver_calls.result", &text)).transpose()?,
            created_at: model_time(self.created_at),
        })
    }
}

/// Stores a new call.
pub async fn insert(conn: &mut Conn, call: &DriverCall) -> Result<(), DbError> {
    let row = Row::new(call)?;
    on!(conn, |c| diesel::insert_into(d::driver_calls).values(&row).execute(c))?;
    Ok(())
}

/// Finds a call.
pub async fn find(conn: &mut Conn, id: Uuid) -> Result<Option<DriverCall>, DbError> {
    let id = id.to_string();
    let row: Option<Row> = on!(conn, |c| async {
        d::driver_calls.filter(d::id.eq(&id)).select(Row::as_select()).first(c).await.optional()
    })?;
    row.map(Row::into_model).transpose()
}

/// Gives a queued call to a conductor; false when it is not queued any more.
pub async fn take(conn: &mut Conn, id: Uuid, hostname: &str) -> Result<bool, DbError> {
    let id = id.to_string();
    let (queued, running) = (TaskState::Queued.as_str(), TaskState::Running.as_str());
    let taken = on!(conn, |c| diesel::update(d::driver_calls)
        .filter(d::id.eq(&id))
        .filter(d::state.eq(queued))
        .set((d::state.eq(running), d::claimed_by.eq(hostname)))
        .execute(c))?;
    Ok(taken == 1)
}

/// Notes how a call ended; false when it is not the conductor's.
pub async fn end(
    conn: &mut Conn,
    id: Uuid,
    hostname: &str,
    state: TaskState,
    result: &Value,
) -> Result<bool, DbError> {
    let (id, result, running) = (id.to_string(), stored_json(result)?, TaskState::Running.as_str());
    let ended = on!(conn, |c| diesel::update(d::driver_calls)
        .filter(d::id.eq(&id))
        .filter(d::state.eq(running))
        .filter(d::claimed_by.eq(hostname))
        .set((d::state.eq(state.as_str()), d::result.eq(&result)))
        .execute(c))?;
    Ok(ended == 1)
}

/// Deletes calls that were accepted before a moment, at most `batch`; returns how many.
pub async fn prune(conn: &mut Conn, before: OffsetDateTime, batch: i64) -> Result<usize, DbError> {
    let before = stored_time(before);
    on!(conn, |c| async {
        let old = d::driver_calls.filter(d::created_at.lt(before)).select(d::id).limit(batch);
        let ids: Vec<String> = old.load(c).await?;
        diesel::delete(d::driver_calls.filter(d::id.eq_any(ids))).execute(c).await
    })
}
