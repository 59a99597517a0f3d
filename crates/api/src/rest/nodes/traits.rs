//! Traits of nodes.

use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use ferric_control::Rule;
use ferric_model::schema;
use ferric_model::traits::{TRAIT, TRAITS};
use serde_json::{Value, json};

/// How traits are set.
const USAGE: &str = "A single node trait may be added via PUT /v1/nodes/<node identifier>/traits/<trait> with no body, \
    or all node traits may be replaced via PUT /v1/nodes/<node identifier>/traits with the list of traits specified in \
    the request body.";

/// `GET nodes/{node}/traits`
pub(super) async fn get(call: Call) -> Result<Answer, Fault> {
    let node = call.control().node_for(&call.context, call.node_ident()?, Rule::NodeTraitsList).await?;
    Answer::json(&json!({"traits": node.traits}))
}

/// `PUT nodes/{node}/traits`
pub(super) async fn put_all(call: Call) -> Result<Answer, Fault> {
    schema::check("body", &call.document, &TRAITS).map_err(Fault::invalid)?;
    let Some(Value::Array(items)) = call.document.get("traits") else { return Err(Fault::invalid(USAGE)) };
    let traits: Vec<String> = items.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    call.control().set_traits(&call.context, call.node_ident()?, &traits).await?;
    Ok(Answer::no_content())
}

/// `PUT nodes/{node}/traits/{trait}`
pub(super) async fn put_one(call: Call) -> Result<Answer, Fault> {
    let name = call.param("trait");
    schema::check("trait", &name.into(), &TRAIT).map_err(Fault::invalid)?;
    schema::check("body", &call.document, &TRAITS).map_err(Fault::invalid)?;
    if call.document.get("traits").is_some() {
        return Err(Fault::invalid(USAGE));
    }
    let ident = call.node_ident()?;
    call.control().add_trait(&call.context, ident, name).await?;
    Ok(Answer::no_content().at(call.url(&format!("nodes/{ident}/traits/{name}"))))
}

/// `DELETE nodes/{node}/traits`
pub(super) async fn delete_all(call: Call) -> Result<Answer, Fault> {
    call.control().clear_traits(&call.context, call.node_ident()?).await?;
    Ok(Answer::no_content())
}

/// `DELETE nodes/{node}/traits/{trait}`
pub(super) async fn delete_one(call: Call) -> Result<Answer, Fault> {
    call.control().remove_trait(&call.context, call.node_ident()?, call.param("trait")).await?;
    Ok(Answer::no_content())
}
