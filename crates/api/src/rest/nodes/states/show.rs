//! Showing the states of a node.

use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use crate::rest::fields::node::{FIELDS, STATES, columns};
use crate::rest::fields::{Shown, select};
use crate::rest::nodes::render::Renderer;
use ferric_control::Rule;

/// `GET nodes/{node}/states`
pub(in crate::rest::nodes) async fn get(call: Call) -> Result<Answer, Fault> {
    let asked = STATES.map(str::to_owned);
    let mut selection = select(&FIELDS, call.version, Some(&asked));
    selection.retain(|field| field.shown == Shown::Asked);
    let (ident, columns) = (call.node_ident()?, columns(&selection));
    let node = call.control().show_node(&call.context, ident, Rule::NodeGetStates, columns).await?;
    Ok(Answer::ok(Renderer::new(&call, selection).await?.json(node)?))
}
