//! The history of nodes.

use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::fingerprints;
use crate::nodes::{NodeIdent, NodeProjects, Projects};
use crate::paging::{SortKey, Sortable, key, nullable, paged};
use crate::schema::node_history::{self, dsl as h};
use crate::schema::nodes::dsl as n;
use crate::types::{model_json, model_time, stored_json, stored_time, uuid, word};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamp};
use diesel::sqlite::Sqlite;
use diesel_async::RunQueryDsl;
use ferric_model::history::{HistoryEntry, Severity};
use ferric_model::page::Page;
use time::{Duration, OffsetDateTime, PrimitiveDateTime};
use uuid::Uuid;

const HISTORY: Sortable = Sortable { table: "node_history", marker: "uuid", keys: &KEYS };

const KEYS: [SortKey; 12] = [
    key("id", "{t}.id"),
    key("uuid", "{t}.uuid"),
    key("created_at", "{t}.created_at"),
    nullable("conductor", "{t}.conductor"),
    key("event_type", "{t}.event_type"),
    key("severity", "{t}.severity"),
    key("event", "{t}.event"),
    nullable("user", "{t}.requested_by"),
    nullable("project", "{t}.project"),
    nullable("state", "{t}.state"),
    nullable("target_provision_state", "{t}.target_provision_state"),
    nullable("duration_seconds", "{t}.duration_seconds"),
];

/// Of the nodes from `$1` to before `$2`, deletes entries that are both beyond the newest `$3` of their node and older than
/// `$4`, the oldest first and at most `$5`. Both back ends read `$n` where the numbers stand in order, and know window
/// functions; diesel has no typed form for a subquery in `FROM`.
const PRUNE: &str = "DELETE FROM node_history WHERE id IN (\
     SELECT ranked.id FROM (\
         SELECT id, created_at, row_number() OVER (PARTITION BY node_uuid ORDER BY created_at DESC, id DESC) AS age \
         FROM node_history WHERE node_uuid >= $1 AND node_uuid < $2) AS ranked \
     WHERE ranked.age > $3 AND ranked.created_at < $4 ORDER BY ranked.created_at, ranked.id LIMIT $5)";

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = node_history, treat_none_as_default_value = false, check_for_backend(Pg, Sqlite))]
pub(crate) struct Row {
    uuid: String,
    node_uuid: String,
    created_at: PrimitiveDateTime,
    conductor: Option<String>,
    event_type: String,
    severity: String,
    event: String,
    requested_by: Option<String>,
    project: Option<String>,
    state: Option<String>,
    target_provision_state: Option<String>,
    duration_seconds: Option<i64>,
    details: String,
    fingerprint: Option<String>,
}

impl Row {
    /// What to store for `entry`, but for its exchange with the hardware.
    pub(crate) fn new(entry: &HistoryEntry) -> Result<Self, DbError> {
        Ok(Self {
            uuid: entry.uuid.to_string(),
            node_uuid: entry.node_uuid.to_string(),
            created_at: stored_time(entry.created_at),
            conductor: entry.conductor.clone(),
            event_type: entry.event_type.clone(),
            severity: entry.severity.as_str().to_owned(),
            event: entry.event.clone(),
            requested_by: entry.user.clone(),
            project: entry.project.clone(),
            state: entry.state.clone(),
            target_provision_state: entry.target_provision_state.clone(),
            duration_seconds: entry.duration_seconds,
            details: stored_json(&entry.details)?,
            fingerprint: entry.fingerprint.clone(),
        })
    }

    fn into_model(self) -> Result<HistoryEntry, DbError> {
        Ok(HistoryEntry {
            uuid: uuid("node_history.uuid", &self.uuid)?,
            node_uuid: uuid("node_history.node_uuid", &self.node_uuid)?,
            created_at: model_time(self.created_at),
            conductor: self.conductor,
            event_type: self.event_type,
            severity: word("node_history.severity", &self.severity, Severity::find)?,
            event: self.event,
            user: self.requested_by,
            project: self.project,
            state: self.state,
            target_provision_state: self.target_provision_state,
            duration_seconds: self.duration_seconds,
            details: model_json("node_history.details", &self.details)?,
            fingerprint: self.fingerprint,
            exchange: None,
        })
    }
}

/// Adds an entry and counts its fingerprint.
///
/// **Errors**: [`DbError::Conflict`] with `HistoryUuid` or `NodeGone`.
pub async fn append(conn: &mut Conn, entry: &HistoryEntry) -> Result<(), DbError> {
    let row = Row::new(entry)?;
    let exchange = entry.exchange.as_ref().map(stored_json).transpose()?;
    on!(conn, |c| diesel::insert_into(h::node_history).values((&row, h::exchange.eq(&exchange))).execute(c))?;
    fingerprints::count(conn, entry).await
}

/// Lists one page of a node's history with the projects of the node, in one statement. An empty page tells nothing of the
/// node, nor whether the marker is known.
///
/// **Errors**: [`DbError::UnsupportedSort`].
pub async fn list(
    conn: &mut Conn,
    node: &NodeIdent,
    page: &Page,
) -> Result<(Vec<HistoryEntry>, Option<NodeProjects>), DbError> {
    let paging = HISTORY.paging(page)?;
    let rows: Vec<(Row, Projects)> = on!(conn, Db, |c| {
        let query = h::node_history
            .inner_join(n::nodes.on(n::uuid.eq(h::node_uuid)))
            .select((Row::as_select(), (n::owner, n::lessee)))
            .into_boxed::<Db>();
        let query = match node {
            NodeIdent::Uuid(uuid) => query.filter(n::uuid.eq(uuid.to_string())),
            NodeIdent::Name(name) => query.filter(n::name.eq(name)),
        };
        paged!(query, paging).load(c)
    })?;
    let of = rows.as_slice().first().map(|(_, projects)| NodeProjects::from(projects.clone()));
    let entries: Result<_, _> = rows.into_iter().map(|(row, _)| row.into_model()).collect();
    Ok((entries?, of))
}

/// Which entries of all nodes are listed; each field narrows the list.
#[derive(Debug, Clone, Default)]
pub struct HistoryFilter {
    /// Only failures of this fingerprint.
    pub fingerprint: Option<String>,
    /// Only entries of nodes that this project owns.
    pub owner: Option<String>,
    /// Only entries that bad.
    pub severity: Option<Severity>,
    /// Only entries that are not older.
    pub since: Option<OffsetDateTime>,
}

/// Lists one page of the history of all nodes.
///
/// **Errors**: [`DbError::UnsupportedSort`].
pub async fn list_all(
    conn: &mut Conn,
    filter: &HistoryFilter,
    page: &Page,
) -> Result<Vec<HistoryEntry>, DbError> {
    let paging = HISTORY.paging(page)?;
    let rows: Vec<Row> = on!(conn, Db, |c| {
        let mut query = h::node_history.select(Row::as_select()).into_boxed::<Db>();
        if let Some(owner) = &filter.owner {
            let own = n::nodes.filter(n::owner.eq(owner.clone())).select(n::uuid);
            query = query.filter(h::node_uuid.eq_any(own));
        }
        if let Some(fingerprint) = &filter.fingerprint {
            query = query.filter(h::fingerprint.eq(fingerprint));
        }
        if let Some(severity) = filter.severity {
            query = query.filter(h::severity.eq(severity.as_str()));
        }
        if let Some(since) = filter.since {
            query = query.filter(h::created_at.ge(stored_time(since)));
        }
        paged!(query, paging).load(c)
    })?;
    rows.into_iter().map(Row::into_model).collect()
}

/// Finds one entry of a node's history, with the projects of the node.
pub async fn find(
    conn: &mut Conn,
    node: &NodeIdent,
    uuid: Uuid,
) -> Result<Option<(HistoryEntry, NodeProjects)>, DbError> {
    let found: Option<(Row, Option<String>, Projects)> = on!(conn, Db, |c| async {
        let query = h::node_history
            .inner_join(n::nodes.on(n::uuid.eq(h::node_uuid)))
            .filter(h::uuid.eq(uuid.to_string()))
            .select((Row::as_select(), h::exchange, (n::owner, n::lessee)))
            .into_boxed::<Db>();
        let query = match node {
            NodeIdent::Uuid(uuid) => query.filter(n::uuid.eq(uuid.to_string())),
            NodeIdent::Name(name) => query.filter(n::name.eq(name)),
        };
        query.first(c).await.optional()
    })?;
    let Some((row, exchange, projects)) = found else { return Ok(None) };
    let mut entry = row.into_model()?;
    entry.exchange = exchange.as_deref().map(|text| model_json("node_history.exchange", text)).transpose()?;
    Ok(Some((entry, projects.into())))
}

/// Deletes entries beyond the newest `max_entries` of each node that are also at least `min_days` old: of the nodes whose
/// identities begin with the byte `slice`, at most `batch` in one call, so that no lock is held for long. Returns how many;
/// fewer than `batch` means done.
pub async fn prune(
    conn: &mut Conn,
    slice: u8,
    (max_entries, min_days): (i64, i64),
    batch: i64,
    now: OffsetDateTime,
) -> Result<usize, DbError> {
    let before = stored_time(now - Duration::days(min_days));
    let first = format!("{slice:02x}");
    // After the last slice comes what no identity begins with.
    let end = slice.checked_add(1).map_or_else(|| "g".to_owned(), |next| format!("{next:02x}"));
    on!(conn, |c| diesel::sql_query(PRUNE)
        .bind::<Text, _>(&first)
        .bind::<Text, _>(&end)
        .bind::<BigInt, _>(max_entries)
        .bind::<Timestamp, _>(before)
        .bind::<BigInt, _>(batch)
        .execute(c))
}
