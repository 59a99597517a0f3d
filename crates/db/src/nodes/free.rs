//! Nodes that nobody uses, for those who look for one.

use super::filter::containing;
use super::row::NodeRow;
use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::paging::Fragment;
use crate::schema::nodes::dsl as n;
use crate::types::uuid;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::node::Node;
use uuid::Uuid;

/// What somebody wants of a node; an empty list demands nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Its scheduling class.
    pub resource_class: String,
    /// Traits that it has, among others.
    pub traits: Vec<String>,
    /// It is one of these.
    pub among: Vec<Uuid>,
    /// This project owns or leases it.
    pub project: Option<String>,
    /// It is chosen first if it has this name.
    pub name: Option<String>,
}

/// In the words of the partial index on free nodes, so that both back ends use it.
const FREE: &str = "nodes.provision_state = 'available' AND nodes.instance_uuid IS NULL AND NOT nodes.maintenance \
    AND nodes.power_state IS NOT NULL AND nodes.parent_node IS NULL";

/// Nodes that no task holds come first, then the one with the right name; otherwise chance decides, so that those who look
/// at the same time do not meet at the same node.
const HELD_LAST: &str = "nodes.reservation IS NOT NULL";

/// Lists up to `limit` free nodes as they are wanted, those that no task holds first.
pub async fn list_free(conn: &mut Conn, wanted: &Wanted, limit: i64) -> Result<Vec<Node>, DbError> {
    let order = match &wanted.name {
        Some(name) => Fragment::with(
            format!("{HELD_LAST}, CASE WHEN nodes.name = "),
            name,
            " THEN 0 ELSE 1 END, RANDOM()",
        ),
        None => Fragment::plain(format!("{HELD_LAST}, RANDOM()")),
    };
    let patterns: Vec<String> = wanted.traits.iter().map(|name| containing(&format!("\"{name}\""))).collect();
    let among: Vec<String> = wanted.among.iter().map(ToString::to_string).collect();
    let rows: Vec<(i64, NodeRow)> = on!(conn, Db, |c| {
        let mut query = n::nodes
            .filter(n::resource_class.eq(&wanted.resource_class))
            .filter(Fragment::plain(FREE.to_owned()))
            .order(order.clone())
            .limit(limit)
            .select((n::id, NodeRow::as_select()))
            .into_boxed::<Db>();
        if !among.is_empty() {
            query = query.filter(n::uuid.eq_any(&among));
        }
        if let Some(project) = &wanted.project {
            query = query.filter(n::owner.eq(project).or(n::lessee.eq(project)));
        }
        for pattern in &patterns {
            query = query.filter(n::traits.like(pattern).escape('\\'));
        }
        query.load(c)
    })?;
    rows.into_iter().map(|(id, row)| row.into_model(id)).collect()
}

/// Names and UUIDs of those of the nodes that there are; with a project, that it owns or leases.
pub async fn list_named(
    conn: &mut Conn,
    uuids: &[Uuid],
    names: &[String],
    project: Option<&str>,
) -> Result<Vec<(Uuid, Option<String>)>, DbError> {
    let uuids: Vec<String> = uuids.iter().map(ToString::to_string).collect();
    let rows: Vec<(String, Option<String>)> = on!(conn, Db, |c| {
        let named = n::uuid.eq_any(&uuids).nullable().or(n::name.eq_any(names));
        let mut query = n::nodes.filter(named).select((n::uuid, n::name)).into_boxed::<Db>();
        if let Some(project) = project {
            query = query.filter(n::owner.eq(project).or(n::lessee.eq(project)));
        }
        query.load(c)
    })?;
    rows.into_iter().map(|(text, name)| Ok((uuid("nodes.uuid", &text)?, name))).collect()
}
