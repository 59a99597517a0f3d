//! One node, and paths below nodes that lead nowhere.

use super::render::{self, Renderer};
use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use crate::rest::fields::node::{FIELDS, columns};
use crate::rest::fields::select;
use crate::rest::page::asked_fields;
use ferric_control::Rule;
use ferric_model::node::NodeColumns;

/// `GET nodes/{node}`
pub(super) async fn get(call: Call) -> Result<Answer, Fault> {
    let ident = call.node_ident_with_suffix().await?;
    let asked = asked_fields(&call.args, call.version, &FIELDS)
        .and_then(|asked| asked.as_deref().map_or(Ok(()), render::check_names).map(|()| asked));
    show(&call, &ident, asked).await
}

/// `GET nodes/{node}/{field}`
pub(super) async fn field(call: Call) -> Result<Answer, Fault> {
    let field = call.param("field").to_lowercase();
    let asked = match FIELDS.iter().find(|known| known.name == field) {
        Some(known) if known.since > call.version.0 => Err(Fault::too_new()),
        _ => render::check_names(std::slice::from_ref(&field)).map(|()| Some(vec![field])),
    };
    show(&call, call.node_ident()?, asked).await
}

/// Shows the fields asked for. Whether there is such a node is said before what is wrong with the fields.
async fn show(call: &Call, ident: &str, asked: Result<Option<Vec<String>>, Fault>) -> Result<Answer, Fault> {
    let selection = asked.map(|asked| select(&FIELDS, call.version, asked.as_deref()));
    let columns = selection.as_deref().map_or(NodeColumns::BRIEF, columns);
    let node = call.control().show_node(&call.context, ident, Rule::NodeGet, columns).await?;
    Ok(Answer::ok(Renderer::new(call, selection?).await?.json(node)?))
}

/// Changing or deleting all nodes at once.
pub(super) async fn no_ident(_: Call) -> Result<Answer, Fault> {
    Err(Fault::invalid("Missing mandatory parameter: node_ident"))
}

/// Deleting below a node what cannot be deleted.
pub(super) async fn nothing_below(_: Call) -> Result<Answer, Fault> {
    Err(Fault::not_found("Resource could not be found."))
}

/// Items that must be reached by their own path.
pub(crate) async fn malformed(_: Call) -> Result<Answer, Fault> {
    Err(Fault::invalid("Malformed request URI."))
}
