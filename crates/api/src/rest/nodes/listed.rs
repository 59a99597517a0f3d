//! The nodes of a page as JSON, each of them written once as long as it does not change.

use super::render::Renderer;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use crate::rest::fields::Selection;
use crate::rest::fields::node::columns;
use crate::rest::fields::node_view::NodeView;
use crate::rest::render_cache::Written;
use ferric_control::NodeFilter;
use ferric_model::node::NodeSheet;
use ferric_model::page::Page;
use std::collections::HashMap;

/// Pages of at most so many nodes are read at once and written anew: looking for them among those written before is no
/// cheaper.
const SMALL: i64 = 20;

/// The nodes of a page.
pub(super) struct Listed {
    /// How many there were when it was read.
    pub found: usize,
    /// Those that were still in the list when they were written.
    pub nodes: Vec<Written>,
}

/// Reads a page: one statement, and one more for nodes that were not written before. Only nodes that `conductor` stands for
/// are left in it, if one is named.
pub(super) async fn page(
    call: &Call,
    filter: &NodeFilter,
    page: &Page,
    selection: Selection<NodeView>,
    conductor: Option<&str>,
) -> Result<Listed, Fault> {
    let columns = columns(&selection);
    let renderer = Renderer::new(call, selection).await?;
    // Which conductor stands for a node takes more of it than which writing it is.
    if conductor.is_some() || page.limit <= SMALL {
        let wanted =
            |node: &NodeSheet| conductor.is_none_or(|wanted| renderer.host(&node.key) == Some(wanted));
        let sheets = call.control().list_node_sheets(&call.context, filter, page, columns).await?;
        let nodes = sheets
            .into_iter()
            .filter(wanted)
            .map(|sheet| Ok(Written { uuid: sheet.key.uuid, json: renderer.json(sheet)?.into() }))
            .collect::<Result<Vec<Written>, Fault>>()?;
        return Ok(Listed { found: nodes.len(), nodes });
    }
    let versions = call.control().list_node_versions(&call.context, filter, page, renderer.sights()).await?;
    let cache = &call.app.written_nodes;
    let mut nodes: Vec<Option<Written>> =
        versions.iter().map(|version| cache.get(&renderer.key(version))).collect();
    let places: HashMap<i64, usize> = nodes
        .iter()
        .zip(&versions)
        .enumerate()
        .filter_map(|(place, (node, version))| node.is_none().then_some((version.id, place)))
        .collect();
    if !places.is_empty() {
        let missing: Vec<i64> = places.keys().copied().collect();
        for sheet in call.control().node_sheets(&call.context, filter, missing, columns).await? {
            // A node that has changed since the page was read is kept as what it is now.
            let place = places.get(&sheet.key.id).and_then(|place| nodes.get_mut(*place));
            let written = renderer.keep(cache, sheet)?;
            if let Some(place) = place {
                *place = Some(written);
            }
        }
    }
    Ok(Listed { found: versions.len(), nodes: nodes.into_iter().flatten().collect() })
}
