//! Reading volume targets.

use super::row::TargetRow;
use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::nodes::NodeProjects;
use crate::paging::{SortKey, Sortable, key, nullable, paged};
use crate::schema::nodes::dsl as n;
use crate::schema::volume_targets::dsl as v;
use crate::volume_filter::{VolumeFilter, narrowed};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::page::Page;
use ferric_model::volume::VolumeTarget;
use uuid::Uuid;

const SORTABLE: Sortable = Sortable { table: "volume_targets", marker: "uuid", keys: &KEYS };

const KEYS: [SortKey; 8] = [
    key("id", "{t}.id"),
    key("uuid", "{t}.uuid"),
    key("node_uuid", "{t}.node_uuid"),
    key("volume_type", "{t}.volume_type"),
    key("boot_index", "{t}.boot_index"),
    key("volume_id", "{t}.volume_id"),
    key("created_at", "{t}.created_at"),
    nullable("updated_at", "{t}.updated_at"),
];

/// Finds one target with the projects of its node, in one statement.
pub async fn find(conn: &mut Conn, uuid: Uuid) -> Result<Option<(VolumeTarget, NodeProjects)>, DbError> {
    type Found = (i64, TargetRow, Option<String>, Option<String>);
    let uuid = uuid.to_string();
    let found: Option<Found> = on!(conn, |c| async {
        let query =
            v::volume_targets.inner_join(n::nodes.on(n::uuid.eq(v::node_uuid))).filter(v::uuid.eq(&uuid));
        query.select((v::id, TargetRow::as_select(), n::owner, n::lessee)).first(c).await.optional()
    })?;
    found
        .map(|(id, row, owner, lessee)| Ok((row.into_model(id)?, NodeProjects { owner, lessee })))
        .transpose()
}

/// Lists one page in one statement. An unknown marker gives an empty page; see [`marker_exists`].
///
/// **Errors**: [`DbError::UnsupportedSort`].
pub async fn list(conn: &mut Conn, filter: &VolumeFilter, page: &Page) -> Result<Vec<VolumeTarget>, DbError> {
    let paging = SORTABLE.paging(page)?;
    let rows: Vec<(i64, TargetRow)> = on!(conn, Db, |c| {
        let query = v::volume_targets.select((v::id, TargetRow::as_select())).into_boxed::<Db>();
        paged!(narrowed!(query, filter), paging).load(c)
    })?;
    rows.into_iter().map(|(id, row)| row.into_model(id)).collect()
}

/// Whether a marker names a target: what to ask when a page with a marker came back empty.
pub async fn marker_exists(conn: &mut Conn, marker: &str) -> Result<bool, DbError> {
    let query = v::volume_targets.filter(v::uuid.eq(marker));
    on!(conn, |c| diesel::select(diesel::dsl::exists(query)).get_result(c))
}
