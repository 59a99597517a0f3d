//! A runbook in place of steps.

use crate::rest::call::Call;
use crate::rest::error::Fault;
use ferric_model::lifecycle::Verb;
use ferric_model::node::Node;
use ferric_model::resource_name::is_logical_name;
use ferric_model::runbook::Runbook;
use serde_json::Value;
use uuid::Uuid;

/// Since when traits of its own say on which nodes a runbook may run.
const TRAITS: u16 = 112;

/// The runbook that the request names, if it names one, the caller may use it and it was approved for the node.
///
/// **Errors**: 406 before there were runbooks, 400 beside steps.
pub(super) async fn named(call: &Call, node: &Node, verb: Verb) -> Result<Option<Runbook>, Fault> {
    let Some(ident) = call.args.text("runbook").filter(|ident| !ident.is_empty()) else { return Ok(None) };
    if !call.speaks(92) {
        return Err(Fault::too_new());
    }
    if Uuid::try_parse(ident).is_err() && !is_logical_name(ident) {
        return Err(Fault::invalid(format!("Expected a logical name or UUID but received {ident}.")));
    }
    let runbook = call.control().runbook_for(&call.context, ident, node, !call.speaks(TRAITS)).await?;
    let argument = match verb {
        Verb::Clean => "clean_steps",
        Verb::Service => "service_steps",
        _ => return Ok(Some(runbook)),
    };
    if call.args.get(argument).and_then(Value::as_array).is_some_and(|steps| !steps.is_empty()) {
        let text = format!("Please provide either \"{argument}\" or a runbook, but not both.");
        return Err(Fault::invalid(text));
    }
    Ok(Some(runbook))
}

/// Refuses a verb that takes no runbook.
pub(super) fn misplaced() -> Fault {
    Fault::invalid(
        "\"runbooks\" is only valid when setting target provision state to any of ['clean', 'service']",
    )
}
