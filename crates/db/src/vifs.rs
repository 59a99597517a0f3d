//! VIFs: they stand in `internal_info` of the ports and portgroups that took them.

use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::schema::portgroups::dsl as g;
use crate::schema::ports::dsl as p;
use crate::types::{json_extract, model_json, stored_json, stored_time};
use diesel::prelude::*;
use diesel::sql_types::Integer;
use diesel_async::RunQueryDsl;
use ferric_model::JsonMap;
use ferric_model::merge::merge;
use ferric_model::report::PortChange;
use ferric_model::vif::TENANT_VIF;
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

/// Where a VIF stands in the document of a port or portgroup.
const PATH: &str = "$.internal_info.tenant_vif_port_id";

/// Member of the document that [`PortChange`] is about.
const INTERNAL_INFO: &str = "internal_info";

/// Lists the VIFs of a node in one statement: those of its ports, then those of its portgroups.
pub async fn list(conn: &mut Conn, node_uuid: Uuid) -> Result<Vec<String>, DbError> {
    let node_uuid = node_uuid.to_string();
    let mut found: Vec<(i32, i64, Option<String>)> = on!(conn, |c| {
        let ports = p::ports.filter(p::node_uuid.eq(&node_uuid)).select((
            0.into_sql::<Integer>(),
            p::id,
            json_extract(p::detail, PATH),
        ));
        let groups = g::portgroups.filter(g::node_uuid.eq(&node_uuid)).select((
            1.into_sql::<Integer>(),
            g::id,
            json_extract(g::detail, PATH),
        ));
        ports.union_all(groups).load(c)
    })?;
    found.sort();
    Ok(found.into_iter().filter_map(|(_, _, vif)| vif).filter(|vif| !vif.is_empty()).collect())
}

/// Applies what changes in a port or portgroup; false if somebody else wrote it at the same time. One that is gone is left.
pub async fn patch(conn: &mut Conn, change: &PortChange, now: OffsetDateTime) -> Result<bool, DbError> {
    let uuid = change.uuid.to_string();
    let stored: Option<String> = if change.of_group {
        on!(conn, |c| async {
            g::portgroups.filter(g::uuid.eq(&uuid)).select(g::detail).first(c).await.optional()
        })?
    } else {
        on!(conn, |c| async {
            p::ports.filter(p::uuid.eq(&uuid)).select(p::detail).first(c).await.optional()
        })?
    };
    let Some(before) = stored else { return Ok(true) };
    let Some(after) = patched(&before, &change.internal_info)? else { return Ok(true) };
    let now = Some(stored_time(now));
    let written = if change.of_group {
        on!(conn, |c| diesel::update(g::portgroups.filter(g::uuid.eq(&uuid)).filter(g::detail.eq(&before)))
            .set((g::detail.eq(&after), g::updated_at.eq(now)))
            .execute(c))?
    } else {
        on!(conn, |c| diesel::update(p::ports.filter(p::uuid.eq(&uuid)).filter(p::detail.eq(&before)))
            .set((p::detail.eq(&after), p::updated_at.eq(now)))
            .execute(c))?
    };
    Ok(written == 1)
}

/// Forgets the VIFs of a node.
pub async fn forget(conn: &mut Conn, node_uuid: Uuid, now: OffsetDateTime) -> Result<bool, DbError> {
    let node_uuid = node_uuid.to_string();
    let ports: Vec<String> = on!(conn, |c| p::ports
        .filter(p::node_uuid.eq(&node_uuid))
        .filter(json_extract(p::detail, PATH).is_not_null())
        .select(p::uuid)
        .load(c))?;
    let groups: Vec<String> = on!(conn, |c| g::portgroups
        .filter(g::node_uuid.eq(&node_uuid))
        .filter(json_extract(g::detail, PATH).is_not_null())
        .select(g::uuid)
        .load(c))?;
    let nothing = JsonMap::from_iter([(TENANT_VIF.to_owned(), Value::Null)]);
    let of_ports = ports.iter().map(|uuid| (uuid, false));
    for (uuid, of_group) in of_ports.chain(groups.iter().map(|uuid| (uuid, true))) {
        let uuid = crate::types::uuid("uuid", uuid)?;
        if !patch(conn, &PortChange { uuid, of_group, internal_info: nothing.clone() }, now).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The document after the change; none if it stays as it is.
fn patched(before: &str, change: &JsonMap) -> Result<Option<String>, DbError> {
    let mut document: JsonMap = model_json("detail", before)?;
    let mut internal = match document.get(INTERNAL_INFO) {
        Some(Value::Object(internal)) => internal.clone(),
        _ => JsonMap::new(),
    };
    if !merge(&mut internal, change) {
        return Ok(None);
    }
    document.insert(INTERNAL_INFO.to_owned(), internal.into());
    stored_json(&document).map(Some)
}
