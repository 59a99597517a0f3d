//! An agent asks which node it runs on.

use super::agent_config::{body, check_enabled};
use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;

/// `GET lookup`
pub(super) async fn get(call: Call) -> Result<Answer, Fault> {
    check_enabled(&call, "lookup")?;
    let addresses = call.args.words("addresses").unwrap_or_default();
    let found = call.control().lookup(&addresses, call.args.uuid("node_uuid"), call.speaks(62)).await?;
    Ok(Answer::ok(body(&call, found)?))
}
