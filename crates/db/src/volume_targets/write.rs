//! Writing volume targets.

use super::row::TargetRow;
use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::schema::volume_targets::dsl as v;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::volume::VolumeTarget;
use uuid::Uuid;

/// Stores a new target and returns it with its row number.
///
/// **Errors**: [`DbError::Conflict`] with `VolumeTargetUuid`, `VolumeTargetBootIndex` or `NodeGone`.
pub async fn insert(conn: &mut Conn, target: &VolumeTarget) -> Result<VolumeTarget, DbError> {
    let row = TargetRow::new(target)?;
    let id =
        on!(conn, |c| diesel::insert_into(v::volume_targets).values(&row).returning(v::id).get_result(c))?;
    Ok(VolumeTarget { id, ..target.clone() })
}

/// Writes all of `target`; false if it does not exist any more. The last writer wins.
///
/// **Errors**: as [`insert`].
pub async fn save(conn: &mut Conn, target: &VolumeTarget) -> Result<bool, DbError> {
    let (uuid, row) = (target.uuid.to_string(), TargetRow::new(target)?);
    let written =
        on!(conn, |c| diesel::update(v::volume_targets).filter(v::uuid.eq(&uuid)).set(&row).execute(c))?;
    Ok(written == 1)
}

/// Deletes a target; false if it did not exist.
pub async fn delete(conn: &mut Conn, uuid: Uuid) -> Result<bool, DbError> {
    let uuid = uuid.to_string();
    let deleted = on!(conn, |c| diesel::delete(v::volume_targets).filter(v::uuid.eq(&uuid)).execute(c))?;
    Ok(deleted == 1)
}
