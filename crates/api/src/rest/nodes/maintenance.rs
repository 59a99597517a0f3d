//! Maintenance of nodes.

use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;

/// `PUT nodes/{node}/maintenance`
pub(super) async fn put(call: Call) -> Result<Answer, Fault> {
    let reason = call.args.string("reason");
    call.control().set_maintenance(&call.context, call.node_ident()?, reason).await?;
    Ok(Answer::accepted())
}

/// `DELETE nodes/{node}/maintenance`
pub(super) async fn delete(call: Call) -> Result<Answer, Fault> {
    call.control().unset_maintenance(&call.context, call.node_ident()?).await?;
    Ok(Answer::accepted())
}
