//! Conductors.

use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::paging::{SortKey, Sortable, key, paged};
use crate::schema::conductors::{self, dsl as d};
use crate::types::{model_json, model_time, stored_json, stored_time};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use diesel_async::RunQueryDsl;
use ferric_model::conductor::Conductor;
use ferric_model::page::Page;
use time::{OffsetDateTime, PrimitiveDateTime};

const CONDUCTORS: Sortable = Sortable { table: "conductors", marker: "hostname", keys: &KEYS };

const KEYS: [SortKey; 6] = [
    key("id", "{t}.id"),
    key("hostname", "{t}.hostname"),
    key("conductor_group", "{t}.conductor_group"),
    key("online", "{t}.online"),
    key("created_at", "{t}.created_at"),
    key("updated_at", "{t}.updated_at"),
];

/// A conductor as it is read.
#[derive(Queryable, Selectable)]
#[diesel(table_name = conductors, check_for_backend(Pg, Sqlite))]
struct Row {
    id: i64,
    hostname: String,
    conductor_group: String,
    incarnation: String,
    drivers: String,
    online: bool,
    created_at: PrimitiveDateTime,
    updated_at: PrimitiveDateTime,
}

/// What registering again overwrites.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = conductors)]
struct Registration {
    conductor_group: String,
    incarnation: String,
    drivers: String,
    online: bool,
    updated_at: PrimitiveDateTime,
}

impl Row {
    fn into_model(self) -> Result<Conductor, DbError> {
        Ok(Conductor {
            id: self.id,
            hostname: self.hostname,
            conductor_group: self.conductor_group,
            incarnation: self.incarnation,
            drivers: model_json("conductors.drivers", &self.drivers)?,
            online: self.online,
            created_at: model_time(self.created_at),
            updated_at: model_time(self.updated_at),
        })
    }
}

/// Registers a conductor under its host name. If the name is known, the new process takes it over: row number and
/// `created_at` stay, calls of the earlier incarnation are refused from now on.
pub async fn join(conn: &mut Conn, conductor: &Conductor) -> Result<Conductor, DbError> {
    let registration = Registration {
        conductor_group: conductor.conductor_group.clone(),
        incarnation: conductor.incarnation.clone(),
        drivers: stored_json(&conductor.drivers)?,
        online: conductor.online,
        updated_at: stored_time(conductor.updated_at),
    };
    let identity = (d::hostname.eq(&conductor.hostname), d::created_at.eq(stored_time(conductor.created_at)));
    on!(conn, |c| diesel::insert_into(d::conductors)
        .values((identity, &registration))
        .on_conflict(d::hostname)
        .do_update()
        .set(&registration)
        .returning(Row::as_returning())
        .get_result(c))?
    .into_model()
}

/// Finds a conductor by its host name.
pub async fn find(conn: &mut Conn, hostname: &str) -> Result<Option<Conductor>, DbError> {
    let row = on!(conn, |c| async {
        d::conductors.filter(d::hostname.eq(hostname)).select(Row::as_select()).first(c).await.optional()
    })?;
    row.map(Row::into_model).transpose()
}

/// Lists one page in one statement; markers are host names. An unknown marker gives an empty page; ask [`find`] then.
///
/// **Errors**: [`DbError::UnsupportedSort`].
pub async fn list(conn: &mut Conn, page: &Page) -> Result<Vec<Conductor>, DbError> {
    let paging = CONDUCTORS.paging(page)?;
    let rows: Vec<Row> = on!(conn, Db, |c| {
        paged!(d::conductors.select(Row::as_select()).into_boxed::<Db>(), paging).load(c)
    })?;
    rows.into_iter().map(Row::into_model).collect()
}

/// Notes that a conductor was heard of; false if it left or another incarnation has its name: it must join again.
pub async fn touch(
    conn: &mut Conn,
    hostname: &str,
    incarnation: &str,
    now: OffsetDateTime,
) -> Result<bool, DbError> {
    let touched = on!(conn, |c| diesel::update(d::conductors)
        .filter(d::hostname.eq(hostname))
        .filter(d::incarnation.eq(incarnation))
        .filter(d::online.eq(true))
        .set(d::updated_at.eq(stored_time(now)))
        .execute(c))?;
    Ok(touched == 1)
}

/// Notes that a conductor left in good order; false if another incarnation has its name.
pub async fn leave(conn: &mut Conn, hostname: &str, incarnation: &str) -> Result<bool, DbError> {
    let left = on!(conn, |c| diesel::update(d::conductors)
        .filter(d::hostname.eq(hostname))
        .filter(d::incarnation.eq(incarnation))
        .set(d::online.eq(false))
        .execute(c))?;
    Ok(left == 1)
}

/// Forgets conductors that were last heard of before `before`, and returns how many.
pub async fn prune(conn: &mut Conn, before: OffsetDateTime) -> Result<usize, DbError> {
    on!(conn, |c| diesel::delete(d::conductors).filter(d::updated_at.lt(stored_time(before))).execute(c))
}
