//! Interrupting the operating system of nodes.

use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;

/// `PUT nodes/{node}/management/inject_nmi`
pub(in crate::rest::nodes) async fn put(call: Call) -> Result<Answer, Fault> {
    call.control().inject_nmi(&call.context, call.node_ident()?).await?;
    Ok(Answer::no_content())
}
