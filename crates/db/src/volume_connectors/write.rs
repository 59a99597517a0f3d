//! Writing volume connectors.

use super::row::ConnectorRow;
use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::schema::volume_connectors::dsl as v;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::volume::VolumeConnector;
use uuid::Uuid;

/// Stores a new connector and returns it with its row number.
///
/// **Errors**: [`DbError::Conflict`] with `VolumeConnectorUuid`, `VolumeConnectorName` or `NodeGone`.
pub async fn insert(conn: &mut Conn, connector: &VolumeConnector) -> Result<VolumeConnector, DbError> {
    let row = ConnectorRow::new(connector)?;
    let id =
        on!(conn, |c| diesel::insert_into(v::volume_connectors).values(&row).returning(v::id).get_result(c))?;
    Ok(VolumeConnector { id, ..connector.clone() })
}

/// Writes all of `connector`; false if it does not exist any more. The last writer wins.
///
/// **Errors**: as [`insert`].
pub async fn save(conn: &mut Conn, connector: &VolumeConnector) -> Result<bool, DbError> {
    let (uuid, row) = (connector.uuid.to_string(), ConnectorRow::new(connector)?);
    let written =
        on!(conn, |c| diesel::update(v::volume_connectors).filter(v::uuid.eq(&uuid)).set(&row).execute(c))?;
    Ok(written == 1)
}

/// Deletes a connector; false if it did not exist.
pub async fn delete(conn: &mut Conn, uuid: Uuid) -> Result<bool, DbError> {
    let uuid = uuid.to_string();
    let deleted = on!(conn, |c| diesel::delete(v::volume_connectors).filter(v::uuid.eq(&uuid)).execute(c))?;
    Ok(deleted == 1)
}
