//! How boots from virtual media end, counted by vendor, model and firmware of the BMC.

use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::schema::vmedia_outcomes::{self, dsl as v};
use crate::types::stored_time;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use diesel::sqlite::Sqlite;
use diesel_async::RunQueryDsl;
use ferric_model::hardware::{VmediaCount, VmediaOutcome};
use time::OffsetDateTime;
use uuid::Uuid;

/// Counts for what is known of a node; both back ends read `$n` and know `excluded`. A node of which nothing is known counts
/// for nothing.
const COUNT: &str = "INSERT INTO vmedia_outcomes (vendor, model, bmc_firmware, booted, refused, silent, last_at) \
     SELECT coalesce(w.vendor, ''), coalesce(w.model, ''), coalesce(w.bmc_firmware, ''), $1, $2, $3, $4 \
     FROM node_hardware AS w WHERE w.node_uuid = $5 \
     ON CONFLICT (vendor, model, bmc_firmware) DO UPDATE SET \
     booted = vmedia_outcomes.booted + excluded.booted, refused = vmedia_outcomes.refused + excluded.refused, \
     silent = vmedia_outcomes.silent + excluded.silent, last_at = excluded.last_at";

/// What was seen of the firmware that a node has; `$1` the node.
const OF_NODE: &str = "SELECT w.vendor, w.model, w.bmc_firmware, v.booted, v.refused, v.silent \
     FROM node_hardware AS w LEFT JOIN vmedia_outcomes AS v ON v.vendor = coalesce(w.vendor, '') \
         AND v.model = coalesce(w.model, '') AND v.bmc_firmware = coalesce(w.bmc_firmware, '') \
     WHERE w.node_uuid = $1";

#[derive(Queryable, Selectable)]
#[diesel(table_name = vmedia_outcomes, check_for_backend(Pg, Sqlite))]
struct Row {
    vendor: String,
    model: String,
    bmc_firmware: String,
    booted: i64,
    refused: i64,
    silent: i64,
}

#[derive(QueryableByName)]
struct NodeRow {
    #[diesel(sql_type = Nullable<Text>)]
    vendor: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    model: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    bmc_firmware: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    booted: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    refused: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    silent: Option<i64>,
}

/// Which firmware is listed; each field narrows the list.
#[derive(Debug, Clone, Default)]
pub struct VmediaFilter {
    /// Only of this vendor.
    pub vendor: Option<String>,
    /// Only of this model.
    pub model: Option<String>,
    /// Only this firmware of the BMC.
    pub bmc_firmware: Option<String>,
}

/// Counts how a boot of a node ended.
pub async fn count(
    conn: &mut Conn,
    node_uuid: Uuid,
    outcome: VmediaOutcome,
    now: OffsetDateTime,
) -> Result<(), DbError> {
    let of = |wanted: VmediaOutcome| i64::from(outcome == wanted);
    on!(conn, |c| diesel::sql_query(COUNT)
        .bind::<BigInt, _>(of(VmediaOutcome::Booted))
        .bind::<BigInt, _>(of(VmediaOutcome::Refused))
        .bind::<BigInt, _>(of(VmediaOutcome::Silent))
        .bind::<Timestamp, _>(stored_time(now))
        .bind::<Text, _>(node_uuid.to_string())
        .execute(c))?;
    Ok(())
}

/// What was seen of the firmware that a node has; nothing when it is not known what the node is.
pub async fn find_of_node(conn: &mut Conn, node_uuid: Uuid) -> Result<Option<VmediaCount>, DbError> {
    let rows: Vec<NodeRow> =
        on!(conn, |c| diesel::sql_query(OF_NODE).bind::<Text, _>(node_uuid.to_string()).load(c))?;
    Ok(rows.into_iter().next().map(|row| VmediaCount {
        vendor: row.vendor.unwrap_or_default(),
        model: row.model.unwrap_or_default(),
        bmc_firmware: row.bmc_firmware.unwrap_or_default(),
        booted: row.booted.unwrap_or_default(),
        refused: row.refused.unwrap_or_default(),
        silent: row.silent.unwrap_or_default(),
    }))
}

/// Lists what was seen, by vendor, model and firmware; at most `limit` rows.
pub async fn list(conn: &mut Conn, filter: &VmediaFilter, limit: i64) -> Result<Vec<VmediaCount>, DbError> {
    let rows: Vec<Row> = on!(conn, Db, |c| {
        let mut query = v::vmedia_outcomes.select(Row::as_select()).into_boxed::<Db>();
        if let Some(vendor) = &filter.vendor {
            query = query.filter(v::vendor.eq(vendor));
        }
        if let Some(model) = &filter.model {
            query = query.filter(v::model.eq(model));
        }
        if let Some(firmware) = &filter.bmc_firmware {
            query = query.filter(v::bmc_firmware.eq(firmware));
        }
        query.order((v::vendor.asc(), v::model.asc(), v::bmc_firmware.asc())).limit(limit).load(c)
    })?;
    let model = |row: Row| VmediaCount {
        vendor: row.vendor,
        model: row.model,
        bmc_firmware: row.bmc_firmware,
        booted: row.booted,
        refused: row.refused,
        silent: row.silent,
    };
    Ok(rows.into_iter().map(model).collect())
}
