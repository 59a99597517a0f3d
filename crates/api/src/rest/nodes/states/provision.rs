//! Verbs: changing the provision state of a node.
//!
//! Source: `contract: rest-api` section 4.2. The order of the checks is part of the contract: what the dialect allows
//! comes first, then whether the verb is legal in the node's state, then its arguments.

use super::runbook;
use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use crate::rest::versions::{check_later_verb, check_verb};
use ferric_control::{
    ControlError, ProvisionRequest, Rule, hash_rescue_password, read_clean_steps, read_configdrive,
    read_deploy_steps, read_service_steps,
};
use ferric_model::lifecycle::{ProvisionState, Verb, is_legal};
use ferric_model::node::Node;
use ferric_model::runbook::Runbook;
use serde_json::Value;

/// `PUT nodes/{node}/states/provision`
pub(in crate::rest::nodes) async fn put(mut call: Call) -> Result<Answer, Fault> {
    let ident = call.node_ident()?.to_owned();
    let node = call.control().node_for(&call.context, &ident, Rule::NodeSetProvisionState).await?;
    let word = call.args.string("target").unwrap_or_default();
    let verb = Verb::find(&word);
    if let Some(verb) = verb {
        check_verb(&call, verb)?;
    }
    if matches!(verb, Some(Verb::Active | Verb::Rebuild)) && node.maintenance {
        return Err(Fault::invalid(format!(
            "The provisioning operation can't be performed on node {} because it's in maintenance mode.",
            node.uuid
        )));
    }
    let verb = legal(&node, verb, &word)?;
    let configdrive = configdrive(&mut call, verb)?;
    let runbook = runbook::named(&call, &node, verb).await?;
    let asked =
        runbook.as_ref().map_or_else(|| call.args.bool("disable_ramdisk"), |own| Some(own.disable_ramdisk));
    let disable_ramdisk = disable_ramdisk(&call, verb, asked)?;
    let clean_steps = call.args.take("clean_steps").filter(given);
    if clean_steps.is_some() && verb != Verb::Clean {
        return Err(if runbook.is_some() { runbook::misplaced() } else { misplaced("clean_steps", "clean") });
    }
    let deploy_steps = call.args.take("deploy_steps").filter(given);
    if deploy_steps.is_some() {
        if !call.speaks(69) {
            return Err(Fault::too_new_since(69));
        }
        if !matches!(verb, Verb::Active | Verb::Rebuild) {
            return Err(misplaced("deploy_steps", "active or rebuild"));
        }
    }
    let service_steps = call.args.take("service_steps").filter(given);
    let password = call.args.text("rescue_password");
    if password.is_some() && verb != Verb::Rescue {
        return Err(misplaced("rescue_password", "rescue"));
    }
    check_abort(&call, &node, verb)?;
    check_later_verb(&call, verb)?;
    if service_steps.is_some() && verb != Verb::Service {
        return Err(if runbook.is_some() {
            runbook::misplaced()
        } else {
            misplaced("service_steps", "service")
        });
    }
    required(verb, "clean_steps", Verb::Clean, clean_steps.is_some() || runbook.is_some())?;
    required(verb, "service_steps", Verb::Service, service_steps.is_some() || runbook.is_some())?;
    if verb == Verb::Rescue && password.is_none_or(|password| password.trim().is_empty()) {
        let text =
            "A non-empty \"rescue_password\" is required when setting target provision state to rescue";
        return Err(Fault::invalid(text));
    }
    let runbook_steps = runbook.as_ref().map(Runbook::ordered_steps);
    let (clean_steps, service_steps) = match (runbook_steps, verb) {
        (Some(steps), Verb::Clean) => (Some(steps), None),
        (Some(steps), Verb::Service) => (None, Some(steps)),
        _ => (
            clean_steps.as_ref().map(read_clean_steps).transpose()?,
            service_steps.as_ref().map(read_service_steps).transpose()?,
        ),
    };
    let request = ProvisionRequest {
        verb,
        configdrive,
        clean_steps,
        deploy_steps: deploy_steps.as_ref().map(read_deploy_steps).transpose()?,
        service_steps,
        rescue_password: password.map(hash_rescue_password).transpose()?,
        disable_ramdisk,
        by_runbook: runbook.is_some(),
    };
    call.control().provision(&call.context, &ident, &request).await?;
    Ok(Answer::accepted().at(call.url(&format!("nodes/{ident}/states"))))
}

/// Whether an argument says anything.
fn given(value: &Value) -> bool {
    !matches!(value, Value::Array(items) if items.is_empty())
}

fn misplaced(argument: &str, verbs: &str) -> Fault {
    let text = format!("\"{argument}\" is only valid when setting target provision state to {verbs}");
    Fault::invalid(text)
}

fn required(verb: Verb, argument: &str, by: Verb, given: bool) -> Result<(), Fault> {
    if verb != by || given {
        return Ok(());
    }
    let text = format!("\"{argument}\" is required when setting target provision state to {}", verb.as_str());
    Err(Fault::invalid(text))
}

/// The verb, if there is such a one and the node's state allows it.
fn legal(node: &Node, verb: Option<Verb>, word: &str) -> Result<Verb, Fault> {
    if let Some(verb) = verb
        && is_legal(node.state(), verb.event())
    {
        return Ok(verb);
    }
    Err(match &node.reservation {
        Some(host) => ControlError::NodeLocked { node: node.uuid.to_string(), host: host.clone() }.into(),
        None => Fault::invalid(format!(
            "The requested action \"{word}\" can not be performed on node \"{}\" while it is in state \"{}\".",
            node.uuid,
            node.state()
        )),
    })
}

fn configdrive(call: &mut Call, verb: Verb) -> Result<Option<Value>, Fault> {
    let empty = |value: &Value| {
        value.as_str().is_some_and(str::is_empty) || value.as_object().is_some_and(serde_json::Map::is_empty)
    };
    let Some(drive) = call.args.take("configdrive").filter(|drive| !empty(drive)) else { return Ok(None) };
    let allowed: &[Verb] = if call.speaks(35) { &[Verb::Active, Verb::Rebuild] } else { &[Verb::Active] };
    if !allowed.contains(&verb) {
        let words: Vec<&str> = allowed.iter().map(|verb| verb.as_str()).collect();
        return Err(Fault::invalid(format!(
            "Adding a config drive is only supported when setting provision state to {}",
            words.join(", ")
        )));
    }
    let drive = read_configdrive(&drive)?;
    match &drive {
        Some(Value::Object(_)) if !call.speaks(56) => Err(since("a JSON object for configdrive is", 56)),
        Some(Value::Object(parts)) if parts.contains_key("vendor_data") && !call.speaks(59) => {
            Err(since("vendor_data in configdrive is", 59))
        }
        _ => Ok(drive),
    }
}

fn since(what: &str, minor: u16) -> Fault {
    Fault::invalid(format!("Providing {what} only supported starting with API version 1.{minor}"))
}

fn disable_ramdisk(call: &Call, verb: Verb, asked: Option<bool>) -> Result<bool, Fault> {
    let Some(disable) = asked else { return Ok(false) };
    let minor = match verb {
        Verb::Clean => 70,
        Verb::Service => 108,
        _ => {
            let text = "disable_ramdisk is supported only with manual cleaning or servicing";
            return Err(Fault::invalid(text));
        }
    };
    if call.speaks(minor) {
        Ok(disable)
    } else {
        Err(Fault::not_acceptable("disable_ramdisk is not acceptable in this API version"))
    }
}

/// Aborts that the first microversion with `abort` did not know.
fn check_abort(call: &Call, node: &Node, verb: Verb) -> Result<(), Fault> {
    let since = match node.state() {
        ProvisionState::InspectWait => 41,
        ProvisionState::WaitCallBack => 110,
        _ => 0,
    };
    if verb == Verb::Abort && !call.speaks(since) { Err(Fault::too_new()) } else { Ok(()) }
}
