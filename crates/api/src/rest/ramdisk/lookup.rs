//! An agent asks which node it runs on.

use super::agent_config::{body, check_enabled};
use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use ferric_control::Rule;
use ferric_model::port::normalize_mac;

/// `GET lookup`
pub(super) async fn get(call: Call) -> Result<Answer, Fault> {
    check_enabled(&call, "lookup", Rule::DriverIpaLookup)?;
    let asked = call.args.words("addresses").unwrap_or_default();
    // What is no MAC address is passed over: agents also report cards that have none.
    let addresses: Vec<String> = asked.iter().filter_map(|text| normalize_mac(text)).collect();
    if addresses.is_empty() && call.args.get("node_uuid").is_none() {
        let text = "At least one of 'addresses' and 'node_uuid' parameters is required";
        return Err(Fault::invalid(text));
    }
    let found = call.control().lookup(&addresses, call.args.uuid("node_uuid"), call.speaks(62)).await?;
    Ok(Answer::ok(body(&call, found)?))
}
