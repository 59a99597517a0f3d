//! The nodes of a page as JSON, each of them written once as long as it does not change.

use super::render::Renderer;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use crate::rest::fields::Selection;
use crate::rest::fields::node::columns;
use crate::rest::fields::node_view::NodeView;
use bytes::Bytes;
use ferric_control::NodeFilter;
use ferric_model::node::{NodeColumns, NodeKey};
use ferric_model::page::Page;
use std::collections::HashMap;
use uuid::Uuid;

/// Pages of at most so many nodes are read at once and written anew: looking for them among those written before is no
/// cheaper.
const SMALL: i64 = 20;

/// One node of a page.
pub(super) struct Listed {
    pub key: NodeKey,
    /// None if the node has left the list while the page was read.
    pub json: Option<Bytes>,
}

/// Reads a page: one statement, and one more for nodes that were not written before. Only nodes that `conductor` stands for
/// are left in it, if one is named.
pub(super) async fn page(
    call: &Call,
    filter: &NodeFilter,
    page: &Page,
    selection: Selection<NodeView>,
    conductor: Option<&str>,
) -> Result<Vec<Listed>, Fault> {
    let columns = columns(&selection);
    let renderer = Renderer::new(call, selection).await?;
    let wanted = |key: &NodeKey| conductor.is_none_or(|wanted| renderer.host(key) == Some(wanted));
    if columns == NodeColumns::BRIEF || page.limit <= SMALL {
        let sheets = call.control().list_node_sheets(&call.context, filter, page, columns).await?;
        return sheets
            .into_iter()
            .filter(|sheet| wanted(&sheet.key))
            .map(|sheet| Ok(Listed { key: sheet.key.clone(), json: Some(renderer.json(sheet)?.into()) }))
            .collect();
    }
    let keys = call.control().list_node_keys(&call.context, filter, page).await?;
    let cache = &call.app.written_nodes;
    let mut listed: Vec<Listed> = keys
        .into_iter()
        .filter(wanted)
        .map(|key| Listed { json: cache.get(&renderer.key(&key)), key })
        .collect();
    let missing: Vec<Uuid> = listed.iter().filter(|one| one.json.is_none()).map(|one| one.key.uuid).collect();
    if missing.is_empty() {
        return Ok(listed);
    }
    let mut written = HashMap::with_capacity(missing.len());
    for sheet in call.control().node_sheets(&call.context, filter, missing, columns).await? {
        // A node that has changed since the page was read is kept as what it is now.
        let (uuid, key) = (sheet.key.uuid, renderer.key(&sheet.key));
        let json = Bytes::from(renderer.json(sheet)?);
        cache.keep(key, json.clone());
        written.insert(uuid, json);
    }
    for one in listed.iter_mut().filter(|one| one.json.is_none()) {
        one.json = written.remove(&one.key.uuid);
    }
    Ok(listed)
}
