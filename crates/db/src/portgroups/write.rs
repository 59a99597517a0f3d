//! Writing portgroups.

use super::row::PortgroupRow;
use crate::conn::{Conn, on};
use crate::error::{Conflict, DbError};
use crate::schema::portgroups::dsl as g;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::portgroup::Portgroup;
use uuid::Uuid;

/// Stores a new portgroup and returns it with its row number.
///
/// **Errors**: [`DbError::Conflict`] with `PortgroupUuid`, `PortgroupName`, `PortgroupAddress` or `NodeGone`.
pub async fn insert(conn: &mut Conn, portgroup: &Portgroup) -> Result<Portgroup, DbError> {
    let row = PortgroupRow::new(portgroup)?;
    let id = on!(conn, |c| diesel::insert_into(g::portgroups).values(&row).returning(g::id).get_result(c))?;
    Ok(Portgroup { id, ..portgroup.clone() })
}

/// Writes all of `portgroup`; false if it does not exist any more. The last writer wins.
///
/// **Errors**: [`DbError::Conflict`] with `PortgroupName`, `PortgroupAddress` or `NodeGone`.
pub async fn save(conn: &mut Conn, portgroup: &Portgroup) -> Result<bool, DbError> {
    let (uuid, row) = (portgroup.uuid.to_string(), PortgroupRow::new(portgroup)?);
    let written =
        on!(conn, |c| diesel::update(g::portgroups).filter(g::uuid.eq(&uuid)).set(&row).execute(c))?;
    Ok(written == 1)
}

/// Deletes a portgroup; false if it did not exist.
///
/// **Errors**: [`DbError::Conflict`] with `PortgroupInUse` as long as it has ports.
pub async fn delete(conn: &mut Conn, uuid: Uuid) -> Result<bool, DbError> {
    let uuid = uuid.to_string();
    let deleted = on!(conn, |c| diesel::delete(g::portgroups).filter(g::uuid.eq(&uuid)).execute(c))
        .map_err(|error| error.foreign_key_is(Conflict::PortgroupInUse))?;
    Ok(deleted == 1)
}
