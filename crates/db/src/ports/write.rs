//! Writing ports.

use super::row::PortRow;
use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::schema::ports::dsl as p;
use crate::types::stored_time;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::port::Port;
use time::OffsetDateTime;
use uuid::Uuid;

/// Stores a new port and returns it with its row number.
///
/// **Errors**: [`DbError::Conflict`] with `PortUuid`, `PortAddress`, `PortName` or `NodeGone`.
pub async fn insert(conn: &mut Conn, port: &Port) -> Result<Port, DbError> {
    let row = PortRow::new(port)?;
    let id = on!(conn, |c| diesel::insert_into(p::ports).values(&row).returning(p::id).get_result(c))?;
    Ok(Port { id, ..port.clone() })
}

/// Writes all of `port`; false if it does not exist any more. The last writer wins.
///
/// **Errors**: [`DbError::Conflict`] with `PortAddress`, `PortName` or `NodeGone`.
pub async fn save(conn: &mut Conn, port: &Port) -> Result<bool, DbError> {
    let (uuid, row) = (port.uuid.to_string(), PortRow::new(port)?);
    let written = on!(conn, |c| diesel::update(p::ports).filter(p::uuid.eq(&uuid)).set(&row).execute(c))?;
    Ok(written == 1)
}

/// Plugs all ports of a portgroup into one physical network.
pub async fn set_physical_network(
    conn: &mut Conn,
    portgroup: Uuid,
    network: Option<&str>,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    let portgroup = portgroup.to_string();
    let values = (p::physical_network.eq(network), p::updated_at.eq(Some(stored_time(now))));
    on!(conn, Db, |c| {
        let members = diesel::update(p::ports).filter(p::portgroup_uuid.eq(&portgroup)).into_boxed::<Db>();
        let elsewhere = match network {
            Some(network) => members
                .filter(p::physical_network.is_null().or(p::physical_network.ne(network).assume_not_null())),
            None => members.filter(p::physical_network.is_not_null()),
        };
        elsewhere.set(values).execute(c)
    })?;
    Ok(())
}

/// Deletes a port; false if it did not exist.
pub async fn delete(conn: &mut Conn, uuid: Uuid) -> Result<bool, DbError> {
    let uuid = uuid.to_string();
    let deleted = on!(conn, |c| diesel::delete(p::ports).filter(p::uuid.eq(&uuid)).execute(c))?;
    Ok(deleted == 1)
}
