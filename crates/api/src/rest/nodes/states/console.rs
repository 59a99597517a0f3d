//! The console of a node.

use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use serde_json::json;

/// `GET nodes/{node}/states/console`
pub(in crate::rest::nodes) async fn get(call: Call) -> Result<Answer, Fault> {
    let console = call.control().get_console(&call.context, call.node_ident()?).await?;
    Answer::json(&json!({"console_enabled": console.is_some(), "console_info": console}))
}

/// `PUT nodes/{node}/states/console`
pub(in crate::rest::nodes) async fn put(call: Call) -> Result<Answer, Fault> {
    let ident = call.node_ident()?;
    let enabled =
        call.args.bool("enabled").ok_or_else(|| Fault::invalid("Missing mandatory parameter: enabled"))?;
    call.control().set_console(&call.context, ident, enabled).await?;
    Ok(Answer::accepted().at(call.url(&format!("nodes/{ident}/states/console"))))
}
