//! Showing the states of a node.

use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use crate::rest::fields::node::{FIELDS, NodeView, STATES};
use crate::rest::fields::{Shown, put_resource, select};
use ferric_control::Rule;

/// `GET nodes/{node}/states`
pub(in crate::rest::nodes) async fn get(call: Call) -> Result<Answer, Fault> {
    let node = call.control().node_for(&call.context, call.node_ident()?, Rule::NodeGetStates).await?;
    let sight = call.control().node_sight(&call.context, node.owner.as_deref(), node.lessee.as_deref());
    let view = NodeView { node, sight, conductor: None, base: String::new(), minor: call.version.0 };
    let asked = STATES.map(str::to_owned);
    let mut selection = select(&FIELDS, call.version, Some(&asked));
    selection.retain(|field| field.shown == Shown::Asked);
    let mut out = Vec::new();
    put_resource(&mut out, &view, &selection)?;
    Ok(Answer::ok(out))
}
