//! Nodes as answers.

use crate::rest::call::Call;
use crate::rest::error::Fault;
use crate::rest::fields::node::{FIELDS, LOOKUP, NodeView};
use crate::rest::fields::{put_resource, select};
use crate::rest::json::Written;
use ferric_control::pick_conductor;
use ferric_model::node::Node;

/// The node as the request sees it.
pub(super) async fn view(call: &Call, node: Node) -> Result<NodeView, Fault> {
    Ok(views(call, vec![node]).await?.remove(0))
}

/// Nodes as the request sees them.
pub(super) async fn views(call: &Call, nodes: Vec<Node>) -> Result<Vec<NodeView>, Fault> {
    let conductors = call.control().live_conductors().await?;
    let sights = call.control().node_sights(&call.context);
    let view = |node: Node| NodeView {
        sight: sights.of(node.owner.as_deref(), node.lessee.as_deref()),
        conductor: pick_conductor(&conductors, &node),
        node,
        base: call.base.clone(),
        minor: call.version.0,
    };
    Ok(nodes.into_iter().map(view).collect())
}

/// The body of an answer that shows the node, whole or the fields asked for.
pub(super) fn body(call: &Call, view: &NodeView, asked: Option<&[String]>) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::with_capacity(4096);
    put_resource(&mut out, view, &select(&FIELDS, call.version, asked))?;
    Ok(out)
}

/// Refuses names of fields that there are not.
pub(super) fn check_names(asked: &[String]) -> Result<(), Fault> {
    let known = |name: &str| {
        FIELDS.iter().any(|field| field.name == name && field.shown == crate::rest::fields::Shown::Asked)
    };
    match asked.iter().find(|name| !known(name)) {
        Some(name) => Err(Fault::invalid(format!("Field {name} is not a valid field."))),
        None => Ok(()),
    }
}

/// Writes what a ramdisk is told about its node.
pub(crate) fn put_lookup_node(out: &mut Vec<u8>, call: &Call, node: Node) -> Written {
    let asked = LOOKUP.map(str::to_owned);
    let sight = call.control().node_sight(&call.context, node.owner.as_deref(), node.lessee.as_deref());
    let view = NodeView { node, sight, conductor: None, base: call.base.clone(), minor: call.version.0 };
    put_resource(out, &view, &select(&FIELDS, call.version, Some(&asked)))
}
