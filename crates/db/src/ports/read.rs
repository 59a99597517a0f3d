//! Reading ports.

use super::PortIdent;
use super::filter::{PortFilter, narrowed};
use super::row::PortRow;
use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::nodes::{NodeProjects, NodeRow};
use crate::paging::{SortKey, Sortable, key, nullable, paged};
use crate::schema::nodes::dsl as n;
use crate::schema::ports::dsl as p;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::node::Node;
use ferric_model::page::Page;
use ferric_model::port::Port;
use uuid::Uuid;

const PORTS: Sortable = Sortable { table: "ports", marker: "uuid", keys: &KEYS };

const KEYS: [SortKey; 15] = [
    key("id", "{t}.id"),
    key("uuid", "{t}.uuid"),
    key("node_uuid", "{t}.node_uuid"),
    key("address", "{t}.address"),
    nullable("name", "{t}.name"),
    nullable("portgroup_uuid", "{t}.portgroup_uuid"),
    key("pxe_enabled", "{t}.pxe_enabled"),
    nullable("physical_network", "{t}.physical_network"),
    nullable("created_at", "{t}.created_at"),
    nullable("updated_at", "{t}.updated_at"),
    nullable("is_smartnic", "json_extract({t}.detail, '$.is_smartnic')"),
    nullable("description", "json_extract({t}.detail, '$.description')"),
    nullable("vendor", "json_extract({t}.detail, '$.vendor')"),
    nullable("category", "json_extract({t}.detail, '$.category')"),
    nullable(
        "available_for_dynamic_portgroup",
        "json_extract({t}.detail, '$.available_for_dynamic_portgroup')",
    ),
];

/// Finds one port with the projects of its node, in one statement.
pub async fn find(conn: &mut Conn, ident: &PortIdent) -> Result<Option<(Port, NodeProjects)>, DbError> {
    type Found = (i64, PortRow, Option<String>, Option<String>);
    let found: Option<Found> = on!(conn, Db, |c| async {
        let query = p::ports
            .inner_join(n::nodes.on(n::uuid.eq(p::node_uuid)))
            .select((p::id, PortRow::as_select(), n::owner, n::lessee))
            .into_boxed::<Db>();
        let query = match ident {
            PortIdent::Uuid(uuid) => query.filter(p::uuid.eq(uuid.to_string())),
            PortIdent::Name(name) => query.filter(p::name.eq(name)),
        };
        query.first(c).await.optional()
    })?;
    found
        .map(|(id, row, owner, lessee)| Ok((row.into_model(id)?, NodeProjects { owner, lessee })))
        .transpose()
}

/// Finds one port with its node, in one statement.
pub async fn find_with_node(conn: &mut Conn, ident: &PortIdent) -> Result<Option<(Port, Node)>, DbError> {
    let found: Option<(i64, PortRow, i64, NodeRow)> = on!(conn, Db, |c| async {
        let query = p::ports
            .inner_join(n::nodes.on(n::uuid.eq(p::node_uuid)))
            .select((p::id, PortRow::as_select(), n::id, NodeRow::as_select()))
            .into_boxed::<Db>();
        let query = match ident {
            PortIdent::Uuid(uuid) => query.filter(p::uuid.eq(uuid.to_string())),
            PortIdent::Name(name) => query.filter(p::name.eq(name)),
        };
        query.first(c).await.optional()
    })?;
    found
        .map(|(port_id, port, node_id, node)| Ok((port.into_model(port_id)?, node.into_model(node_id)?)))
        .transpose()
}

/// Lists one page in one statement. An unknown marker gives an empty page; see [`marker_exists`].
///
/// **Errors**: [`DbError::UnsupportedSort`].
pub async fn list(conn: &mut Conn, filter: &PortFilter, page: &Page) -> Result<Vec<Port>, DbError> {
    let paging = PORTS.paging(page)?;
    let rows: Vec<(i64, PortRow)> = on!(conn, Db, |c| {
        let query = p::ports.select((p::id, PortRow::as_select())).into_boxed::<Db>();
        paged!(narrowed!(query, filter), paging).load(c)
    })?;
    rows.into_iter().map(|(id, row)| row.into_model(id)).collect()
}

/// Lists the ports of these nodes, in the order of their creation.
pub async fn list_of_nodes(conn: &mut Conn, node_uuids: &[Uuid]) -> Result<Vec<Port>, DbError> {
    let node_uuids: Vec<String> = node_uuids.iter().map(Uuid::to_string).collect();
    let rows: Vec<(i64, PortRow)> = on!(conn, |c| p::ports
        .filter(p::node_uuid.eq_any(&node_uuids))
        .order(p::id.asc())
        .select((p::id, PortRow::as_select()))
        .load(c))?;
    rows.into_iter().map(|(id, row)| row.into_model(id)).collect()
}

/// Whether a marker names a port: what to ask when a page with a marker came back empty.
pub async fn marker_exists(conn: &mut Conn, marker: &str) -> Result<bool, DbError> {
    on!(conn, |c| diesel::select(diesel::dsl::exists(p::ports.filter(p::uuid.eq(marker)))).get_result(c))
}
