//! Reading portgroups.

use super::filter::PortgroupFilter;
use super::row::PortgroupRow;
use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::ident::Ident;
use crate::nodes::{NodeProjects, of_nodes};
use crate::paging::{SortKey, Sortable, key, nullable, paged};
use crate::schema::{nodes::dsl as n, portgroups::dsl as g, ports::dsl as p};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::page::Page;
use ferric_model::portgroup::Portgroup;
use uuid::Uuid;

const PORTGROUPS: Sortable = Sortable { table: "portgroups", marker: "uuid", keys: &KEYS };

const KEYS: [SortKey; 12] = [
    key("id", "{t}.id"),
    key("uuid", "{t}.uuid"),
    key("node_uuid", "{t}.node_uuid"),
    nullable("name", "{t}.name"),
    nullable("address", "{t}.address"),
    nullable("mode", "{t}.mode"),
    key("standalone_ports_supported", "{t}.standalone_ports_supported"),
    nullable("physical_network", "{t}.physical_network"),
    nullable("category", "{t}.category"),
    key("dynamic_portgroup", "{t}.dynamic_portgroup"),
    key("created_at", "{t}.created_at"),
    nullable("updated_at", "{t}.updated_at"),
];

/// Finds one portgroup with the projects of its node, in one statement.
pub async fn find(conn: &mut Conn, ident: &Ident) -> Result<Option<(Portgroup, NodeProjects)>, DbError> {
    type Found = (i64, PortgroupRow, Option<String>, Option<String>);
    let found: Option<Found> = on!(conn, Db, |c| async {
        let query = g::portgroups
            .inner_join(n::nodes.on(n::uuid.eq(g::node_uuid)))
            .select((g::id, PortgroupRow::as_select(), n::owner, n::lessee))
            .into_boxed::<Db>();
        let query = match ident {
            Ident::Uuid(uuid) => query.filter(g::uuid.eq(uuid.to_string())),
            Ident::Name(name) => query.filter(g::name.eq(name)),
        };
        query.first(c).await.optional()
    })?;
    found
        .map(|(id, row, owner, lessee)| Ok((row.into_model(id)?, NodeProjects { owner, lessee })))
        .transpose()
}

/// Finds one portgroup with one of its ports other than `except`, if there is one: the physical network of that port.
pub async fn find_with_member(
    conn: &mut Conn,
    uuid: Uuid,
    except: Uuid,
) -> Result<Option<(Portgroup, Option<Option<String>>)>, DbError> {
    let (uuid, except) = (uuid.to_string(), except.to_string());
    let found: Option<(i64, PortgroupRow, Option<String>, Option<String>)> = on!(conn, |c| async {
        g::portgroups
            .left_join(p::ports.on(p::portgroup_uuid.eq(g::uuid.nullable()).and(p::uuid.ne(&except))))
            .filter(g::uuid.eq(&uuid))
            .select((g::id, PortgroupRow::as_select(), p::uuid.nullable(), p::physical_network.nullable()))
            .first(c)
            .await
            .optional()
    })?;
    found.map(|(id, row, member, network)| Ok((row.into_model(id)?, member.map(|_| network)))).transpose()
}

/// Lists one page in one statement. An unknown marker gives an empty page; see [`marker_exists`].
///
/// **Errors**: [`DbError::UnsupportedSort`].
pub async fn list(conn: &mut Conn, filter: &PortgroupFilter, page: &Page) -> Result<Vec<Portgroup>, DbError> {
    let paging = PORTGROUPS.paging(page)?;
    let rows: Vec<(i64, PortgroupRow)> = on!(conn, Db, |c| {
        let query = g::portgroups.select((g::id, PortgroupRow::as_select())).into_boxed::<Db>();
        let mut query = of_nodes!(query, g::node_uuid, &filter.of);
        if let Some(address) = &filter.address {
            query = query.filter(g::address.eq(address));
        }
        paged!(query, paging).load(c)
    })?;
    rows.into_iter().map(|(id, row)| row.into_model(id)).collect()
}

/// Whether a marker names a portgroup: what to ask when a page with a marker came back empty.
pub async fn marker_exists(conn: &mut Conn, marker: &str) -> Result<bool, DbError> {
    on!(conn, |c| diesel::select(diesel::dsl::exists(g::portgroups.filter(g::uuid.eq(marker)))).get_result(c))
}
