//! Traits of runbooks.

use super::resource::ident;
use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use ferric_model::schema;
use ferric_model::traits::{TRAIT, TRAITS};
use serde_json::{Value, json};

/// How traits are set.
const USAGE: &str = "A single runbook trait may be added via PUT /v1/runbooks/<runbook identifier>/traits/<trait> with \
    no body, or all runbook traits may be replaced via PUT /v1/runbooks/<runbook identifier>/traits with the list of \
    traits specified in the request body.";

/// `GET runbooks/{runbook}/traits`
pub(super) async fn get(call: Call) -> Result<Answer, Fault> {
    let runbook = call.control().get_runbook(&call.context, ident(&call)?).await?;
    Answer::json(&json!({"traits": runbook.traits}))
}

/// `PUT runbooks/{runbook}/traits`
pub(super) async fn put_all(call: Call) -> Result<Answer, Fault> {
    schema::check("body", &call.document, &TRAITS).map_err(Fault::invalid)?;
    let Some(Value::Array(items)) = call.document.get("traits") else { return Err(Fault::invalid(USAGE)) };
    let traits: Vec<String> = items.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    call.control().set_runbook_traits(&call.context, ident(&call)?, &traits).await?;
    Ok(Answer::no_content())
}

/// `PUT runbooks/{runbook}/traits/{trait}`
pub(super) async fn put_one(call: Call) -> Result<Answer, Fault> {
    let name = call.param("trait");
    schema::check("trait", &name.into(), &TRAIT).map_err(Fault::invalid)?;
    schema::check("body", &call.document, &TRAITS).map_err(Fault::invalid)?;
    if call.document.get("traits").is_some() {
        return Err(Fault::invalid(USAGE));
    }
    let ident = ident(&call)?;
    call.control().add_runbook_trait(&call.context, ident, name).await?;
    Ok(Answer::no_content().at(call.url(&format!("runbooks/{ident}/traits/{name}"))))
}

/// `DELETE runbooks/{runbook}/traits`
pub(super) async fn delete_all(call: Call) -> Result<Answer, Fault> {
    call.control().set_runbook_traits(&call.context, ident(&call)?, &[]).await?;
    Ok(Answer::no_content())
}

/// `DELETE runbooks/{runbook}/traits/{trait}`
pub(super) async fn delete_one(call: Call) -> Result<Answer, Fault> {
    call.control().remove_runbook_trait(&call.context, ident(&call)?, call.param("trait")).await?;
    Ok(Answer::no_content())
}
