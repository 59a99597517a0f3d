//! One node, and paths below nodes that lead nowhere.

use super::render;
use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use crate::rest::fields::node::FIELDS;
use crate::rest::page::asked_fields;
use ferric_control::Rule;

/// Resources below nodes that are not built yet.
const NOT_BUILT: [&str; 6] = ["allocation", "bios", "firmware", "portgroups", "vmedia", "volume"];

/// `GET nodes/{node}`
pub(super) async fn get(call: Call) -> Result<Answer, Fault> {
    let ident = call.node_ident_with_suffix().await?;
    let node = call.control().node_for(&call.context, &ident, Rule::NodeGet).await?;
    let asked = asked_fields(&call.args, call.version, &FIELDS)?;
    if let Some(asked) = &asked {
        render::check_names(asked)?;
    }
    let view = render::view(&call, node).await?;
    Ok(Answer::ok(render::body(&call, &view, asked.as_deref())?))
}

/// `GET nodes/{node}/{field}`
pub(super) async fn field(call: Call) -> Result<Answer, Fault> {
    let field = call.param("field").to_lowercase();
    if NOT_BUILT.contains(&field.as_str()) {
        return Err(Fault::no_route());
    }
    let node = call.control().node_for(&call.context, call.node_ident()?, Rule::NodeGet).await?;
    match FIELDS.iter().find(|known| known.name == field) {
        Some(known) if known.since > call.version.0 => return Err(Fault::too_new()),
        _ => render::check_names(std::slice::from_ref(&field))?,
    }
    let view = render::view(&call, node).await?;
    Ok(Answer::ok(render::body(&call, &view, Some(&[field]))?))
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
