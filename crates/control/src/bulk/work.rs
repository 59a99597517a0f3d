//! What an operation does to each of its nodes: its arguments, read.

use crate::error::ControlError;
use crate::nodes::{PATCHABLE, UpdateNode};
use crate::provision::{ProvisionRequest, read_clean_steps, read_configdrive, read_deploy_steps};
use ferric_model::json_patch;
use ferric_model::lifecycle::Verb;
use ferric_model::operation::OperationKind;
use ferric_model::power::PowerTarget;
use serde_json::Value;

/// What is done.
#[derive(Debug)]
pub(super) enum Work {
    /// The item's document becomes a node.
    Create,
    /// The node is patched.
    Patch(UpdateNode),
    /// A verb.
    Provision(Box<Provisioning>),
    /// A change of power.
    Power {
        /// Where to.
        target: PowerTarget,
        /// How long it may take.
        timeout_secs: Option<u64>,
    },
}

/// A verb with its arguments.
#[derive(Debug)]
pub(super) struct Provisioning {
    /// What each node is asked for.
    pub request: ProvisionRequest,
    /// The runbook whose steps are run, which each node must have been approved for.
    pub runbook: Option<String>,
}

impl Work {
    /// Reads the arguments that all items share.
    ///
    /// **Errors**: `Invalid`.
    pub(super) fn read(kind: OperationKind, params: &Value) -> Result<Self, ControlError> {
        Ok(match kind {
            OperationKind::Create => Self::Create,
            OperationKind::Patch => Self::Patch(read_patch(params)?),
            OperationKind::Provision => Self::Provision(Box::new(read_provisioning(params)?)),
            OperationKind::Power => {
                let word = params["target"].as_str().unwrap_or_default();
                let target = PowerTarget::find(word)
                    .ok_or_else(|| ControlError::Invalid(format!("There is no power target \"{word}\".")))?;
                Self::Power { target, timeout_secs: params["timeout"].as_u64() }
            }
        })
    }
}

fn read_patch(params: &Value) -> Result<UpdateNode, ControlError> {
    let invalid = |error: json_patch::PatchError| ControlError::Invalid(error.to_string());
    let operations = json_patch::parse(&params["patch"]).map_err(invalid)?;
    if operations.is_empty() {
        return Err(ControlError::Invalid("The patch changes nothing.".to_owned()));
    }
    json_patch::allow_only(&operations, &PATCHABLE).map_err(invalid)?;
    let reset_interfaces = params["reset_interfaces"].as_bool().unwrap_or_default();
    let update = UpdateNode { operations, reset_interfaces, refuse_while_inspecting: true };
    if reset_interfaces && update.values("driver").next().is_none() {
        let text = "The reset_interfaces parameter can only be used when changing the node's driver.";
        return Err(ControlError::Invalid(text.to_owned()));
    }
    Ok(update)
}

fn read_provisioning(params: &Value) -> Result<Provisioning, ControlError> {
    let word = params["target"].as_str().unwrap_or_default();
    let verb = Verb::find(word)
        .ok_or_else(|| ControlError::Invalid(format!("There is no provision verb \"{word}\".")))?;
    let deploys = matches!(verb, Verb::Active | Verb::Rebuild);
    for (argument, fits, verbs) in [
        ("clean_steps", verb == Verb::Clean, "clean"),
        ("runbook", verb == Verb::Clean, "clean"),
        ("disable_ramdisk", verb == Verb::Clean, "clean"),
        ("deploy_steps", deploys, "active or rebuild"),
        ("configdrive", deploys, "active or rebuild"),
    ] {
        if !fits && params.get(argument).is_some() {
            return Err(ControlError::Invalid(format!(
                "\"{argument}\" is only valid when setting target provision state to {verbs}"
            )));
        }
    }
    let runbook = params["runbook"].as_str().map(str::to_owned);
    let clean_steps = params.get("clean_steps").map(read_clean_steps).transpose()?;
    match (verb, &runbook, &clean_steps) {
        (Verb::Clean, None, None) => {
            let text = "\"clean_steps\" is required when setting target provision state to clean";
            return Err(ControlError::Invalid(text.to_owned()));
        }
        (_, Some(_), Some(_)) => {
            let text = "Please provide either \"clean_steps\" or a runbook, but not both.";
            return Err(ControlError::Invalid(text.to_owned()));
        }
        _ => {}
    }
    let request = ProvisionRequest {
        configdrive: params.get("configdrive").map(read_configdrive).transpose()?.flatten(),
        clean_steps,
        deploy_steps: params.get("deploy_steps").map(read_deploy_steps).transpose()?,
        disable_ramdisk: params["disable_ramdisk"].as_bool().unwrap_or_default(),
        by_runbook: runbook.is_some(),
        ..ProvisionRequest::of(verb)
    };
    Ok(Provisioning { request, runbook })
}
