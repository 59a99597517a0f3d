//! What inspection found, one row for each node.

use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::nodes::{NodeIdent, NodeProjects, Projects};
use crate::schema::node_inventory::{self, dsl as i};
use crate::schema::nodes::dsl as n;
use crate::types::{model_json, stored_json};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::report::Inventory;
use uuid::Uuid;

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = node_inventory)]
struct Findings {
    inventory: String,
    plugin_data: String,
}

/// Stores what the last inspection of a node found, in place of what earlier ones did.
///
/// **Errors**: [`DbError::Conflict`] with `NodeGone`.
pub async fn save(conn: &mut Conn, node_uuid: Uuid, found: &Inventory) -> Result<(), DbError> {
    let node_uuid = node_uuid.to_string();
    let findings =
        Findings { inventory: stored_json(&found.inventory)?, plugin_data: stored_json(&found.plugin_data)? };
    on!(conn, |c| diesel::insert_into(i::node_inventory)
        .values((i::node_uuid.eq(&node_uuid), &findings))
        .on_conflict(i::node_uuid)
        .do_update()
        .set(&findings)
        .execute(c))?;
    Ok(())
}

/// Finds what the last inspection of a node found, with the projects of the node; none if there is no such node.
pub async fn find(
    conn: &mut Conn,
    node: &NodeIdent,
) -> Result<Option<(NodeProjects, Option<Inventory>)>, DbError> {
    let row: Option<(Projects, Option<(String, String)>)> = on!(conn, Db, |c| async {
        let query = n::nodes
            .left_join(i::node_inventory.on(i::node_uuid.eq(n::uuid)))
            .select(((n::owner, n::lessee), (i::inventory, i::plugin_data).nullable()))
            .into_boxed::<Db>();
        let query = match node {
            NodeIdent::Uuid(uuid) => query.filter(n::uuid.eq(uuid.to_string())),
            NodeIdent::Name(name) => query.filter(n::name.eq(name)),
        };
        query.first(c).await.optional()
    })?;
    let Some((projects, found)) = row else { return Ok(None) };
    let found = found.map(|(inventory, plugin_data)| {
        Ok::<_, DbError>(Inventory {
            inventory: model_json("node_inventory.inventory", &inventory)?,
            plugin_data: model_json("node_inventory.plugin_data", &plugin_data)?,
        })
    });
    Ok(Some((projects.into(), found.transpose()?)))
}
