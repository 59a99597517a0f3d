//! Fingerprints of failures: counted as entries are written, listed for the fleet or for what a project owns, and held
//! against what the nodes are.

use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::schema::error_fingerprints::{self, dsl as f};
use crate::types::{model_time, stored_time};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use diesel_async::RunQueryDsl;
use ferric_model::failure::{FactCell, FingerprintCount};
use ferric_model::history::HistoryEntry;
use time::{OffsetDateTime, PrimitiveDateTime};

/// Nodes of one fingerprint are counted up to this number.
const MOST_NODES: i64 = 1000;

/// Most combinations of facts that are read.
const MOST_CELLS: i64 = 10_000;

/// All of the fleet: `$1` since, `$2` the fingerprint or nothing, `$3` the marker or nothing, `$4` the limit. SQLite wants the
/// numbers in order.
const FLEET: &str = "SELECT f.fingerprint, f.code, f.step, f.message_id, f.template, f.seen, f.first_seen, f.last_seen, \
     (SELECT count(*) FROM (SELECT DISTINCT h.node_uuid FROM node_history AS h \
         WHERE h.fingerprint = f.fingerprint LIMIT 1000) AS affected) AS nodes \
     FROM error_fingerprints AS f \
     WHERE f.last_seen >= $1 AND ($2 = '' OR f.fingerprint = $2) AND ($3 = '' OR (f.seen, f.fingerprint) < \
         (SELECT m.seen, m.fingerprint FROM error_fingerprints AS m WHERE m.fingerprint = $3)) \
     ORDER BY f.seen DESC, f.fingerprint DESC LIMIT $4";

/// What a project owns, counted anew from the entries that are kept: `$1` the project, the others as above, one later.
const OWNED: &str = "WITH own AS (SELECT h.fingerprint, count(*) AS seen, min(h.created_at) AS first_seen, \
         max(h.created_at) AS last_seen, count(DISTINCT h.node_uuid) AS nodes \
         FROM node_history AS h JOIN nodes AS n ON n.uuid = h.node_uuid \
         WHERE n.owner = $1 AND h.fingerprint IS NOT NULL GROUP BY h.fingerprint) \
     SELECT f.fingerprint, f.code, f.step, f.message_id, f.template, o.seen, o.first_seen, o.last_seen, o.nodes \
     FROM own AS o JOIN error_fingerprints AS f ON f.fingerprint = o.fingerprint \
     WHERE o.last_seen >= $2 AND ($3 = '' OR f.fingerprint = $3) AND ($4 = '' OR (o.seen, o.fingerprint) < \
         (SELECT m.seen, m.fingerprint FROM own AS m WHERE m.fingerprint = $4)) \
     ORDER BY o.seen DESC, o.fingerprint DESC LIMIT $5";

/// How many nodes there are of each combination of facts, and how many of them failed; `$1` the fingerprint, `$2` the project
/// or nothing, `$3` the limit.
const CELLS: &str = "SELECT n.driver, json_extract(n.spec, '$.interfaces.boot') AS boot_interface, n.conductor_group, \
     w.vendor, w.model, w.bmc_firmware, w.bios_version, count(*) AS nodes, count(failed.node_uuid) AS failed \
     FROM nodes AS n LEFT JOIN node_hardware AS w ON w.node_uuid = n.uuid \
     LEFT JOIN (SELECT DISTINCT h.node_uuid FROM node_history AS h WHERE h.fingerprint = $1) AS failed \
         ON failed.node_uuid = n.uuid \
     WHERE ($2 = '' OR n.owner = $2) \
     GROUP BY n.driver, boot_interface, n.conductor_group, w.vendor, w.model, w.bmc_firmware, w.bios_version \
     ORDER BY failed DESC, nodes DESC LIMIT $3";

#[derive(Insertable)]
#[diesel(table_name = error_fingerprints, treat_none_as_default_value = false)]
struct NewRow<'a> {
    fingerprint: &'a str,
    code: &'a str,
    step: Option<&'a str>,
    message_id: Option<&'a str>,
    template: &'a str,
    first_seen: PrimitiveDateTime,
    last_seen: PrimitiveDateTime,
    seen: i64,
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = Text)]
    fingerprint: String,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Nullable<Text>)]
    step: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    message_id: Option<String>,
    #[diesel(sql_type = Text)]
    template: String,
    #[diesel(sql_type = BigInt)]
    seen: i64,
    #[diesel(sql_type = Timestamp)]
    first_seen: PrimitiveDateTime,
    #[diesel(sql_type = Timestamp)]
    last_seen: PrimitiveDateTime,
    #[diesel(sql_type = BigInt)]
    nodes: i64,
}

#[derive(QueryableByName)]
struct CellRow {
    #[diesel(sql_type = Text)]
    driver: String,
    #[diesel(sql_type = Nullable<Text>)]
    boot_interface: Option<String>,
    #[diesel(sql_type = Text)]
    conductor_group: String,
    #[diesel(sql_type = Nullable<Text>)]
    vendor: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    model: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    bmc_firmware: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    bios_version: Option<String>,
    #[diesel(sql_type = BigInt)]
    nodes: i64,
    #[diesel(sql_type = BigInt)]
    failed: i64,
}

/// Which fingerprints are listed.
#[derive(Debug, Clone)]
pub struct FingerprintFilter {
    /// Only this one.
    pub fingerprint: Option<String>,
    /// Only failures of nodes that this project owns.
    pub owner: Option<String>,
    /// Only what was seen since then.
    pub since: OffsetDateTime,
    /// The last one of the page before.
    pub marker: Option<String>,
    /// At most this many.
    pub limit: i64,
}

/// Counts the fingerprint of an entry, if it has one.
pub(crate) async fn count(conn: &mut Conn, entry: &HistoryEntry) -> Result<(), DbError> {
    let (Some(fingerprint), Some(code)) = (&entry.fingerprint, entry.details.root_code()) else {
        return Ok(());
    };
    let now = stored_time(entry.created_at);
    let row = NewRow {
        fingerprint,
        code,
        step: entry.details.step.as_deref(),
        message_id: entry.details.message_id.as_deref(),
        template: entry.details.template.as_deref().unwrap_or_default(),
        first_seen: now,
        last_seen: now,
        seen: 1,
    };
    on!(conn, |c| diesel::insert_into(f::error_fingerprints)
        .values(&row)
        .on_conflict(f::fingerprint)
        .do_update()
        .set((f::seen.eq(f::seen + 1), f::last_seen.eq(now)))
        .execute(c))?;
    Ok(())
}

/// Lists fingerprints, the most frequent first, in one statement. For the fleet it tells how often each was ever seen and on
/// how many nodes it still stands in the history, at most a thousand; for a project both are of the entries that are kept.
pub async fn list(conn: &mut Conn, filter: &FingerprintFilter) -> Result<Vec<FingerprintCount>, DbError> {
    let since = stored_time(filter.since);
    let marker = filter.marker.as_deref().unwrap_or_default();
    let one = filter.fingerprint.as_deref().unwrap_or_default();
    let rows: Vec<CountRow> = match &filter.owner {
        None => on!(conn, |c| diesel::sql_query(FLEET)
            .bind::<Timestamp, _>(since)
            .bind::<Text, _>(one)
            .bind::<Text, _>(marker)
            .bind::<BigInt, _>(filter.limit)
            .load(c))?,
        Some(owner) => on!(conn, |c| diesel::sql_query(OWNED)
            .bind::<Text, _>(owner)
            .bind::<Timestamp, _>(since)
            .bind::<Text, _>(one)
            .bind::<Text, _>(marker)
            .bind::<BigInt, _>(filter.limit)
            .load(c))?,
    };
    let model = |row: CountRow| FingerprintCount {
        fingerprint: row.fingerprint,
        code: row.code,
        step: row.step,
        message_id: row.message_id,
        template: row.template,
        seen: row.seen,
        first_seen: model_time(row.first_seen),
        last_seen: model_time(row.last_seen),
        nodes: row.nodes.min(MOST_NODES),
    };
    Ok(rows.into_iter().map(model).collect())
}

/// How many nodes there are of each combination of facts, and how many of them have failures of this fingerprint in their
/// history; only nodes of `owner`, if one is named.
pub async fn cells(
    conn: &mut Conn,
    fingerprint: &str,
    owner: Option<&str>,
) -> Result<Vec<FactCell>, DbError> {
    let rows: Vec<CellRow> = on!(conn, |c| diesel::sql_query(CELLS)
        .bind::<Text, _>(fingerprint)
        .bind::<Text, _>(owner.unwrap_or_default())
        .bind::<BigInt, _>(MOST_CELLS)
        .load(c))?;
    let model = |row: CellRow| FactCell {
        facts: [
            ("vendor", row.vendor),
            ("model", row.model),
            ("bmc_firmware", row.bmc_firmware),
            ("bios_version", row.bios_version),
            ("driver", Some(row.driver)),
            ("boot_interface", row.boot_interface),
            ("conductor_group", Some(row.conductor_group).filter(|group| !group.is_empty())),
        ]
        .into_iter()
        .filter_map(|(fact, value)| Some((fact, value?)))
        .collect(),
        nodes: row.nodes,
        failed: row.failed,
    };
    Ok(rows.into_iter().map(model).collect())
}

/// Forgets at most `limit` fingerprints that were last seen before `before`.
pub async fn prune(conn: &mut Conn, before: OffsetDateTime, limit: i64) -> Result<usize, DbError> {
    let old: Vec<String> = on!(conn, |c| f::error_fingerprints
        .filter(f::last_seen.lt(stored_time(before)))
        .order(f::last_seen.asc())
        .limit(limit)
        .select(f::fingerprint)
        .load(c))?;
    if old.is_empty() {
        return Ok(0);
    }
    on!(conn, |c| diesel::delete(f::error_fingerprints.filter(f::fingerprint.eq_any(&old))).execute(c))
}
