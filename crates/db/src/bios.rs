//! BIOS settings of nodes, one document for each node.

use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::schema::node_bios::dsl as b;
use crate::types::{model_json, stored_json};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::bios::KnownBiosSettings;
use uuid::Uuid;

/// Stores everything that is known of a node's settings.
///
/// **Errors**: [`DbError::Conflict`] with `NodeGone`.
pub async fn save(conn: &mut Conn, node_uuid: Uuid, known: &KnownBiosSettings) -> Result<(), DbError> {
    let (node_uuid, settings) = (node_uuid.to_string(), stored_json(known)?);
    on!(conn, |c| diesel::insert_into(b::node_bios)
        .values((b::node_uuid.eq(&node_uuid), b::settings.eq(&settings)))
        .on_conflict(b::node_uuid)
        .do_update()
        .set(b::settings.eq(&settings))
        .execute(c))?;
    Ok(())
}

/// What is known of a node's settings; nothing when they were never read.
pub async fn find(conn: &mut Conn, node_uuid: Uuid) -> Result<KnownBiosSettings, DbError> {
    let node_uuid = node_uuid.to_string();
    let settings: Option<String> = on!(conn, |c| async {
        b::node_bios.filter(b::node_uuid.eq(&node_uuid)).select(b::settings).first(c).await.optional()
    })?;
    settings
        .map_or_else(|| Ok(KnownBiosSettings::new()), |settings| model_json("node_bios.settings", &settings))
}
