//! The nodes that a node contains.

use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use crate::rest::link::Link;
use serde_json::json;

/// `GET nodes/{node}/children`
pub(super) async fn get(call: Call) -> Result<Answer, Fault> {
    let (node, children) = call.control().list_children(&call.context, call.node_ident()?).await?;
    // A single link and not a list of them, as it always was.
    let link = Link::new("children", call.url(&format!("nodes?parent_node={}", node.uuid)));
    Answer::json(&json!({"children": children, "links": link}))
}
