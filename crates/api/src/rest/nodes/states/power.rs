//! Changing the power of a node.

use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use ferric_control::Rule;
use ferric_model::power::{PowerState, PowerTarget};

/// `PUT nodes/{node}/states/power`
pub(in crate::rest::nodes) async fn put(call: Call) -> Result<Answer, Fault> {
    let ident = call.node_ident()?;
    let node = call.control().node_for(&call.context, ident, Rule::NodeSetPowerState).await?;
    let word = call.args.text("target").unwrap_or_default();
    let target = PowerTarget::find(word);
    let soft = matches!(target, Some(PowerTarget::SoftOff | PowerTarget::SoftReboot));
    let timeout = call.args.integer("timeout");
    if !call.speaks(27) && (soft || timeout.is_some()) {
        return Err(Fault::too_new());
    }
    let timeout_secs = match timeout.map(u64::try_from) {
        None => None,
        Some(Ok(secs)) if secs > 0 => Some(secs),
        Some(_) => return Err(Fault::invalid("timeout has to be positive integer")),
    };
    let Some(target) = target else {
        let state = node.power_state.map_or("None", PowerState::as_str);
        return Err(Fault::invalid(format!(
            "The requested action \"{word}\" can not be performed on node \"{ident}\" while it is in state \"{state}\"."
        )));
    };
    call.control().set_power(&call.context, ident, target, timeout_secs).await?;
    Ok(Answer::accepted().at(call.url(&format!("nodes/{ident}/states"))))
}
