//! Writing chassis.

use super::row::ChassisRow;
use crate::conn::{Conn, on};
use crate::error::{Conflict, DbError};
use crate::schema::chassis::dsl as c;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::chassis::Chassis;
use uuid::Uuid;

/// Stores a new chassis and returns it with its row number.
///
/// **Errors**: [`DbError::Conflict`] with `ChassisUuid`.
pub async fn insert(conn: &mut Conn, chassis: &Chassis) -> Result<Chassis, DbError> {
    let row = ChassisRow::new(chassis)?;
    let id =
        on!(conn, |conn| diesel::insert_into(c::chassis).values(&row).returning(c::id).get_result(conn))?;
    Ok(Chassis { id, ..chassis.clone() })
}

/// Writes all of `chassis`; false if it does not exist any more. The last writer wins.
pub async fn save(conn: &mut Conn, chassis: &Chassis) -> Result<bool, DbError> {
    let (uuid, row) = (chassis.uuid.to_string(), ChassisRow::new(chassis)?);
    let written =
        on!(conn, |conn| diesel::update(c::chassis).filter(c::uuid.eq(&uuid)).set(&row).execute(conn))?;
    Ok(written == 1)
}

/// Deletes a chassis; false if it did not exist.
///
/// **Errors**: [`DbError::Conflict`] with `ChassisInUse` as long as nodes name it.
pub async fn delete(conn: &mut Conn, uuid: Uuid) -> Result<bool, DbError> {
    let uuid = uuid.to_string();
    let deleted = on!(conn, |conn| diesel::delete(c::chassis).filter(c::uuid.eq(&uuid)).execute(conn))
        .map_err(|error| error.foreign_key_is(Conflict::ChassisInUse))?;
    Ok(deleted == 1)
}
