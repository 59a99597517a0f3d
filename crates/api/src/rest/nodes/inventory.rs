//! What inspection found.

use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;

/// `GET nodes/{node}/inventory`
pub(super) async fn get(call: Call) -> Result<Answer, Fault> {
    let found = call.control().get_inventory(&call.context, call.node_ident()?).await?;
    Answer::json(&found)
}
