//! An agent says that it lives.

use super::agent_config::check_enabled;
use crate::rest::answer::Answer;
use crate::rest::args::Kind;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use ferric_control::{Heartbeat, Rule};

/// Words for the state of an installer.
pub(crate) const STATUSES: [&str; 3] = ["start", "end", "error"];

/// `POST heartbeat/{ident}`, and `POST heartbeat` with the node in the body
pub(super) async fn post(call: Call) -> Result<Answer, Fault> {
    let ident = call.args.text("node_ident").unwrap_or_else(|| call.param("ident"));
    check_enabled(&call, &format!("heartbeat/{ident}"), Rule::NodeIpaHeartbeat)?;
    Kind::Ident.read("node_ident", &ident.into())?;
    let args = &call.args;
    let given = |name: &str| args.text(name).is_some_and(|text| !text.is_empty());
    if given("agent_version") && !call.speaks(36) {
        return Err(Fault::invalid("Field \"agent_version\" not recognised"));
    }
    if (given("agent_status") || given("agent_status_message")) && !call.speaks(72) {
        let text = "Fields \"agent_status\" and \"agent_status_message\" not recognised.";
        return Err(Fault::invalid(text));
    }
    if args.get("agent_verify_ca").is_some() && !call.speaks(68) {
        return Err(Fault::invalid("Field \"agent_verify_ca\" not recognised in this version"));
    }
    call.check_node_ident(ident)?;
    call.control().get_node(ident).await?;
    let callback_url = args.text("callback_url").unwrap_or_default();
    let is_http = url::Url::parse(callback_url).is_ok_and(|url| url.scheme().contains("http"));
    if !callback_url.is_empty() && !is_http {
        return Err(Fault::invalid("An issue with the supplied \"callback_url\" has been detected."));
    }
    if args.get("agent_token").is_none() {
        return Err(Fault::invalid("Agent token is required for heartbeat processing."));
    }
    if args.text("agent_status").is_some_and(|status| !STATUSES.contains(&status)) {
        let text = format!("Agent status is invalid. Valid states are {}.", STATUSES.join(","));
        return Err(Fault::invalid(text));
    }
    let heartbeat = Heartbeat {
        callback_url: callback_url.to_owned(),
        agent_version: args.string("agent_version"),
        agent_token: args.string("agent_token"),
        agent_verify_ca: args.string("agent_verify_ca"),
        agent_status: args.string("agent_status"),
        agent_status_message: args.string("agent_status_message"),
    };
    call.control().heartbeat(ident, &heartbeat).await?;
    Ok(Answer::accepted())
}
