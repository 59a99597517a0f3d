//! Firmware components of nodes, one document for each node.

use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::schema::node_firmware::dsl as f;
use crate::types::{model_json, stored_json};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::firmware::KnownFirmwareComponents;
use uuid::Uuid;

/// Stores everything that is known of a node's components.
///
/// **Errors**: [`DbError::Conflict`] with `NodeGone`.
pub async fn save(conn: &mut Conn, node_uuid: Uuid, known: &KnownFirmwareComponents) -> Result<(), DbError> {
    let (node_uuid, components) = (node_uuid.to_string(), stored_json(known)?);
    on!(conn, |c| diesel::insert_into(f::node_firmware)
        .values((f::node_uuid.eq(&node_uuid), f::components.eq(&components)))
        .on_conflict(f::node_uuid)
        .do_update()
        .set(f::components.eq(&components))
        .execute(c))?;
    Ok(())
}

/// What is known of a node's components; nothing when they were never read.
pub async fn find(conn: &mut Conn, node_uuid: Uuid) -> Result<KnownFirmwareComponents, DbError> {
    let node_uuid = node_uuid.to_string();
    let components: Option<String> = on!(conn, |c| async {
        f::node_firmware.filter(f::node_uuid.eq(&node_uuid)).select(f::components).first(c).await.optional()
    })?;
    components.map_or_else(
        || Ok(KnownFirmwareComponents::new()),
        |components| model_json("node_firmware.components", &components),
    )
}
