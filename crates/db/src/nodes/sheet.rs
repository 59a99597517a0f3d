//! Reading nodes to show them: only the columns that are asked for, and no document is parsed.

use super::NodeIdent;
use super::filter::{NodeFilter, narrowed};
use super::sort::NODES;
use crate::asked::Asked;
use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::paging::paged;
use crate::schema::nodes::dsl as n;
use crate::types::{model_time, uuid, word};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::{NodeColumns, NodeKey, NodeOthers, NodeSheet, NodeVersion};
use ferric_model::page::Page;
use time::PrimitiveDateTime;

type KeyRow = (i64, String, i64, String, String, Option<String>, Option<String>);
type VersionRow = (i64, i64, Option<String>, Option<String>);
type BriefRow = (Option<String>, String, Option<String>, bool, Option<String>);
type Documents = (Option<String>, Option<String>);
type SheetRow = (KeyRow, BriefRow, OthersRow, Documents);

#[derive(Queryable)]
struct OthersRow {
    target_provision_state: Option<String>,
    provision_updated_at: Option<PrimitiveDateTime>,
    target_power_state: Option<String>,
    fault: Option<String>,
    reservation: Option<String>,
    instance_name: Option<String>,
    allocation_uuid: Option<String>,
    resource_class: Option<String>,
    shard: Option<String>,
    parent_node: Option<String>,
    chassis_uuid: Option<String>,
    retired: Option<bool>,
    description: Option<String>,
    traits: Option<String>,
    inspection_started_at: Option<PrimitiveDateTime>,
    created_at: Option<PrimitiveDateTime>,
    updated_at: Option<PrimitiveDateTime>,
}

/// What a [`NodeKey`] is made of.
macro_rules! key_columns {
    () => {
        (n::id, n::uuid, n::generation, n::driver, n::conductor_group, n::owner, n::lessee)
    };
}

/// What a [`NodeSheet`] is made of.
macro_rules! sheet_columns {
    ($columns:expr) => {{
        let NodeColumns { others, spec, status } = $columns;
        (
            key_columns!(),
            (n::name, n::provision_state, n::power_state, n::maintenance, n::instance_uuid),
            (
                Asked::new(others, n::target_provision_state),
                Asked::new(others, n::provision_updated_at),
                Asked::new(others, n::target_power_state),
                Asked::new(others, n::fault),
                Asked::new(others, n::reservation),
                Asked::new(others, n::instance_name),
                Asked::new(others, n::allocation_uuid),
                Asked::new(others, n::resource_class),
                Asked::new(others, n::shard),
                Asked::new(others, n::parent_node),
                Asked::new(others, n::chassis_uuid),
                Asked::new(others, n::retired),
                Asked::new(others, n::description),
                Asked::new(others, n::traits),
                Asked::new(others, n::inspection_started_at),
                Asked::new(others, n::created_at),
                Asked::new(others, n::updated_at),
            ),
            (Asked::new(spec, n::spec), Asked::new(status, n::status)),
        )
    }};
}

/// Finds what is shown of one node.
pub async fn find_sheet(
    conn: &mut Conn,
    ident: &NodeIdent,
    columns: NodeColumns,
) -> Result<Option<NodeSheet>, DbError> {
    let row: Option<SheetRow> = on!(conn, Db, |c| async {
        let query = n::nodes.select(sheet_columns!(columns)).into_boxed::<Db>();
        let query = match ident {
            NodeIdent::Uuid(uuid) => query.filter(n::uuid.eq(uuid.to_string())),
            NodeIdent::Name(name) => query.filter(n::name.eq(name)),
        };
        query.first(c).await.optional()
    })?;
    row.map(sheet).transpose()
}

/// Lists which nodes one page has, in one statement. An unknown marker gives an empty page; see
/// [`marker_exists`](super::marker_exists).
///
/// **Errors**: [`DbError::UnsupportedSort`].
pub async fn list_keys(conn: &mut Conn, filter: &NodeFilter, page: &Page) -> Result<Vec<NodeKey>, DbError> {
    let paging = NODES.paging(page)?;
    let rows: Vec<KeyRow> = on!(conn, Db, |c| {
        let query = n::nodes.select(key_columns!()).into_boxed::<Db>();
        paged!(narrowed!(query, filter), paging).load(c)
    })?;
    rows.into_iter().map(key).collect()
}

/// Lists which writings of which nodes one page has, with the projects of each only if `projects` are asked for: little
/// more than two numbers a node, for whoever kept what follows from them. As [`list_keys`].
///
/// **Errors**: [`DbError::UnsupportedSort`].
pub async fn list_versions(
    conn: &mut Conn,
    filter: &NodeFilter,
    page: &Page,
    projects: bool,
) -> Result<Vec<NodeVersion>, DbError> {
    let paging = NODES.paging(page)?;
    let rows: Vec<VersionRow> = on!(conn, Db, |c| {
        let (owner, lessee) = (Asked::new(projects, n::owner), Asked::new(projects, n::lessee));
        let query = n::nodes.select((n::id, n::generation, owner, lessee)).into_boxed::<Db>();
        paged!(narrowed!(query, filter), paging).load(c)
    })?;
    let version = |(id, generation, owner, lessee)| NodeVersion { id, generation, owner, lessee };
    Ok(rows.into_iter().map(version).collect())
}

/// Lists what is shown of the nodes of one page, in one statement; as [`list_keys`].
///
/// **Errors**: [`DbError::UnsupportedSort`].
pub async fn list_sheets(
    conn: &mut Conn,
    filter: &NodeFilter,
    page: &Page,
    columns: NodeColumns,
) -> Result<Vec<NodeSheet>, DbError> {
    let paging = NODES.paging(page)?;
    let rows: Vec<SheetRow> = on!(conn, Db, |c| {
        let query = n::nodes.select(sheet_columns!(columns)).into_boxed::<Db>();
        paged!(narrowed!(query, filter), paging).load(c)
    })?;
    rows.into_iter().map(sheet).collect()
}

/// Finds what is shown of the nodes that the filter means, in no order.
pub async fn find_sheets(
    conn: &mut Conn,
    filter: &NodeFilter,
    columns: NodeColumns,
) -> Result<Vec<NodeSheet>, DbError> {
    let rows: Vec<SheetRow> = on!(conn, Db, |c| {
        let query = n::nodes.select(sheet_columns!(columns)).into_boxed::<Db>();
        narrowed!(query, filter).load(c)
    })?;
    rows.into_iter().map(sheet).collect()
}

fn key(row: KeyRow) -> Result<NodeKey, DbError> {
    let (id, text, generation, driver, conductor_group, owner, lessee) = row;
    Ok(NodeKey { id, uuid: uuid("nodes.uuid", &text)?, generation, driver, conductor_group, owner, lessee })
}

fn sheet(row: SheetRow) -> Result<NodeSheet, DbError> {
    let (key_row, (name, state, power_state, maintenance, instance_uuid), others, (spec, status)) = row;
    Ok(NodeSheet {
        key: key(key_row)?,
        name,
        state: word("nodes.provision_state", &state, ProvisionState::find)?,
        power_state,
        maintenance,
        instance_uuid,
        others: NodeOthers {
            target_provision_state: others.target_provision_state,
            provision_updated_at: others.provision_updated_at.map(model_time),
            target_power_state: others.target_power_state,
            fault: others.fault,
            reservation: others.reservation,
            instance_name: others.instance_name,
            allocation_uuid: others.allocation_uuid,
            resource_class: others.resource_class,
            shard: others.shard,
            parent_node: others.parent_node,
            chassis_uuid: others.chassis_uuid,
            retired: others.retired,
            description: others.description,
            traits: others.traits,
            inspection_started_at: others.inspection_started_at.map(model_time),
            created_at: others.created_at.map(model_time),
            updated_at: others.updated_at.map(model_time),
        },
        spec,
        status,
    })
}
