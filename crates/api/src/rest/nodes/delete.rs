//! Deleting nodes.

use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;

/// `DELETE nodes/{node}`
pub(super) async fn delete(call: Call) -> Result<Answer, Fault> {
    let ident = call.node_ident_with_suffix().await?;
    call.control().delete_node(&call.context, &ident).await?;
    Ok(Answer::no_content())
}
