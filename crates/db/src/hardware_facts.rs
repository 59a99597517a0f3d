//! What nodes are, as far as failures may have to do with it: one row a node, to be grouped by.

use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::schema::node_hardware::{self, dsl as w};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use diesel_async::RunQueryDsl;
use ferric_model::hardware::HardwareFacts;
use uuid::Uuid;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = node_hardware, treat_none_as_default_value = false, check_for_backend(Pg, Sqlite))]
struct Row {
    vendor: Option<String>,
    model: Option<String>,
    bmc_firmware: Option<String>,
    bios_version: Option<String>,
}

/// Remembers facts of a node; what is not known now stays as it was known.
///
/// **Errors**: [`DbError::Conflict`] with `NodeGone`.
pub async fn save(conn: &mut Conn, node_uuid: Uuid, facts: &HardwareFacts) -> Result<(), DbError> {
    let row = Row {
        vendor: facts.vendor.clone(),
        model: facts.model.clone(),
        bmc_firmware: facts.bmc_firmware.clone(),
        bios_version: facts.bios_version.clone(),
    };
    on!(conn, |c| diesel::insert_into(w::node_hardware)
        .values((w::node_uuid.eq(node_uuid.to_string()), &row))
        .on_conflict(w::node_uuid)
        .do_update()
        .set(&row)
        .execute(c))?;
    Ok(())
}

/// What is known of a node.
pub async fn find(conn: &mut Conn, node_uuid: Uuid) -> Result<HardwareFacts, DbError> {
    let row: Option<Row> = on!(conn, |c| async {
        let query = w::node_hardware.filter(w::node_uuid.eq(node_uuid.to_string())).select(Row::as_select());
        query.first(c).await.optional()
    })?;
    Ok(row.map_or_else(HardwareFacts::default, |row| HardwareFacts {
        vendor: row.vendor,
        model: row.model,
        bmc_firmware: row.bmc_firmware,
        bios_version: row.bios_version,
    }))
}
