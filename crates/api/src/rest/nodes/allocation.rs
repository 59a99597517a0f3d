//! The allocation that has a node.

use crate::rest::allocations::body_as_asked;
use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;

/// `GET nodes/{node}/allocation`
pub(super) async fn get(call: Call) -> Result<Answer, Fault> {
    let allocation = call.control().get_node_allocation(&call.context, call.node_ident()?).await?;
    Ok(Answer::ok(body_as_asked(&call, allocation)?))
}

/// `DELETE nodes/{node}/allocation`
pub(super) async fn delete(call: Call) -> Result<Answer, Fault> {
    let ident = call.node_ident_with_suffix().await?;
    call.control().delete_node_allocation(&call.context, &ident).await?;
    Ok(Answer::no_content())
}
