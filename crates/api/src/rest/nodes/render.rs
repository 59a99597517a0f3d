//! Nodes as answers.

use crate::rest::call::Call;
use crate::rest::error::Fault;
use crate::rest::fields::node::{FIELDS, LOOKUP};
use crate::rest::fields::node_view::NodeView;
use crate::rest::fields::{Selection, Shown, put_resource, select};
use crate::rest::json;
use crate::rest::render_cache::{RenderCache, RenderKey, Shape, Written};
use ferric_control::{NodeSights, pick_host};
use ferric_model::conductor::Conductor;
use ferric_model::node::{Node, NodeKey, NodeSheet, NodeVersion};
use std::sync::Arc;

/// What writing the nodes of one answer needs besides them.
pub(super) struct Renderer {
    selection: Selection<NodeView>,
    sights: NodeSights,
    conductors: Arc<Vec<Conductor>>,
    base: Arc<str>,
    minor: u16,
    shape: Shape,
}

impl Renderer {
    /// For these fields.
    pub(super) async fn new(call: &Call, selection: Selection<NodeView>) -> Result<Self, Fault> {
        let conductors = call.control().live_conductors().await?;
        Ok(Self {
            shape: Shape::new(call.version, &selection, &call.base, &conductors),
            selection,
            sights: call.control().node_sights(&call.context),
            conductors,
            base: call.base.as_str().into(),
            minor: call.version.0,
        })
    }

    /// The conductor that stands for a node.
    pub(super) fn host(&self, node: &NodeKey) -> Option<&str> {
        pick_host(&self.conductors, node.uuid, &node.driver, &node.conductor_group)
    }

    /// What the caller sees of nodes.
    pub(super) fn sights(&self) -> &NodeSights {
        &self.sights
    }

    /// What the bytes of a node depend on.
    pub(super) fn key(&self, node: &NodeVersion) -> RenderKey {
        let sight = self.sights.of(node.owner.as_deref(), node.lessee.as_deref());
        RenderKey::new(node.id, node.generation, sight, self.shape)
    }

    /// The same of a node of which more is known.
    pub(super) fn key_of(&self, node: &NodeKey) -> RenderKey {
        let sight = self.sights.of(node.owner.as_deref(), node.lessee.as_deref());
        RenderKey::new(node.id, node.generation, sight, self.shape)
    }

    /// Writes a node and keeps it.
    pub(super) fn keep(&self, cache: &RenderCache, node: NodeSheet) -> Result<Written, Fault> {
        let key = self.key_of(&node.key);
        let written = Written { uuid: node.key.uuid, json: self.json(node)?.into() };
        cache.keep(key, written.clone());
        Ok(written)
    }

    /// The node as the request sees it.
    pub(super) fn view(&self, node: NodeSheet) -> Result<NodeView, Fault> {
        let sight = self.sights.of(node.key.owner.as_deref(), node.key.lessee.as_deref());
        let host = self.host(&node.key).map(str::to_owned);
        Ok(NodeView::new(node, sight, host, Arc::clone(&self.base), self.minor)?)
    }

    /// The node as JSON.
    pub(super) fn json(&self, node: NodeSheet) -> Result<Vec<u8>, Fault> {
        self.write(&self.view(node)?)
    }

    /// A view as JSON.
    pub(super) fn write(&self, view: &NodeView) -> Result<Vec<u8>, Fault> {
        let mut out = Vec::with_capacity(self.selection.len() * 64);
        put_resource(&mut out, view, &self.selection)?;
        Ok(out)
    }
}

/// The body of an answer that shows the whole of a node that was just written.
pub(super) async fn whole(call: &Call, node: &Node) -> Result<Vec<u8>, Fault> {
    Renderer::new(call, select(&FIELDS, call.version, None)).await?.json(NodeSheet::of(node)?)
}

/// Refuses names of fields that there are not.
pub(super) fn check_names(asked: &[String]) -> Result<(), Fault> {
    let known = |name: &str| FIELDS.iter().any(|field| field.name == name && field.shown == Shown::Asked);
    match asked.iter().find(|name| !known(name)) {
        Some(name) => Err(Fault::invalid(format!("Field {name} is not a valid field."))),
        None => Ok(()),
    }
}

/// Writes what a ramdisk is told about its node.
pub(crate) fn put_lookup_node(out: &mut Vec<u8>, call: &Call, node: &Node) -> json::Written {
    let asked = LOOKUP.map(str::to_owned);
    let sight = call.control().node_sight(&call.context, node.owner.as_deref(), node.lessee.as_deref());
    let view = NodeView::new(NodeSheet::of(node)?, sight, None, call.base.as_str().into(), call.version.0)?;
    put_resource(out, &view, &select(&FIELDS, call.version, Some(&asked)))
}
