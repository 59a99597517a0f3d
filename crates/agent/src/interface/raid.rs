//! `agent`: RAID that the agent makes from within the node, of software or through the tools of its controllers.

use super::agent_step::{Found, StepCommand};
use super::node_document;
use crate::client::Agents;
use async_trait::async_trait;
use ferric_hardware::interface::StepArg;
use ferric_hardware::{HardwareError, NodeInterfaces, Raid, StepOutcome, Steps, TaskView};
use ferric_model::JsonMap;
use ferric_model::hardware::{InterfaceKind, check_raid_config};
use ferric_model::node::Node;
use ferric_model::report::Observed;
use ferric_model::step::{Repeat, Step, StepKind};
use serde_json::Value;
use std::sync::Arc;

/// The RAID interface `agent`.
#[derive(Debug, Clone)]
pub struct RaidAgent(Agents);

/// The RAID interface `agent`, for the composition of hardware types.
pub fn raid_agent(agents: Agents) -> Arc<dyn Raid> {
    Arc::new(RaidAgent(agents))
}

/// Steps with the kinds that have them; the agent carries each of them out once, and its list of commands tells how it
/// stands.
///
/// Source: `contract: hardware-interfaces` section 2.
const STEPS: [(&str, &[StepKind]); 3] = [
    ("create_configuration", &[StepKind::Clean]),
    ("delete_configuration", &[StepKind::Clean]),
    ("apply_configuration", &[StepKind::Deploy, StepKind::Service]),
];

const CREATE_ARGS: [StepArg; 2] = [
    StepArg {
        name: "create_root_volume",
        description: "whether the root volume is made; it is, unless this is false",
        required: false,
    },
    StepArg {
        name: "create_nonroot_volumes",
        description: "whether the other volumes are made; they are, unless this is false",
        required: false,
    },
];

const APPLY_ARGS: [StepArg; 2] = [
    StepArg { name: "raid_config", description: "an object with a list of logical_disks", required: true },
    StepArg {
        name: "delete_existing",
        description: "whether the volumes that there are go first: true or false",
        required: false,
    },
];

/// Key of `driver_internal_info` from which the agent reads what it is to make.
const TARGET: &str = "target_raid_config";

#[async_trait]
impl Steps for RaidAgent {
    fn steps(&self, kind: StepKind, _: &Node) -> Vec<Step> {
        let offered = STEPS.iter().filter(|row| row.1.contains(&kind));
        offered.map(|row| Step { repeat: Repeat::Once, ..Step::new(InterfaceKind::Raid, row.0, 0) }).collect()
    }

    fn step_args(&self, step: &str) -> &'static [StepArg] {
        match step {
            "create_configuration" => &CREATE_ARGS,
            "apply_configuration" => &APPLY_ARGS,
            _ => &[],
        }
    }

    async fn execute_step(
        &self,
        task: &TaskView,
        _: &NodeInterfaces,
        kind: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        let target = target(&task.node, step)?;
        let mut params = node_document::parameters(task);
        if let (Some(target), Some(node)) = (&target, params.get_mut("node")) {
            node["driver_internal_info"][TARGET] = target.clone().into();
        }
        // What chooses among the logical disks is for the conductor; the agent makes all that it is given.
        let mut told = step.clone();
        told.args.retain(|name, _| !CREATE_ARGS.iter().any(|arg| arg.name == name));
        params.insert("step".to_owned(), Value::Object(told.document()));
        let command = StepCommand::execute_step(&self.0, task, kind, step);
        let begun = command
            .begin(|known| {
                let version = command.version_parameter(known);
                params.insert(format!("{}_version", kind.as_str()), version);
                params.into()
            })
            .await?;
        Ok(match begun {
            StepOutcome::Wait(mut observed) => {
                if let Some(target) = target {
                    observed.driver_internal_info.insert(TARGET.to_owned(), target.into());
                }
                StepOutcome::Wait(observed)
            }
            other => other,
        })
    }

    async fn resume_step(
        &self,
        task: &TaskView,
        interfaces: &NodeInterfaces,
        kind: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        let command = StepCommand::execute_step(&self.0, task, kind, step);
        match command.look().await? {
            Found::NotBegun => self.execute_step(task, interfaces, kind, step).await,
            Found::Running(id) => Ok(command.waiting(id.as_deref())),
            Found::Ended { restarted, result } => {
                Ok(with_layout(command.ended(restarted), made(kind, step, &result)))
            }
        }
    }
}

impl Raid for RaidAgent {
    /// The agent says itself what it cannot do.
    fn validate(&self, _: &Node) -> Result<(), HardwareError> {
        Ok(())
    }
}

/// What the agent is to make; none for a step that takes everything away.
fn target(node: &Node, step: &Step) -> Result<Option<JsonMap>, HardwareError> {
    if step.step == "delete_configuration" {
        return Ok(None);
    }
    if step.step == "apply_configuration" {
        let config = step.args.get("raid_config").and_then(Value::as_object).cloned().unwrap_or_default();
        let advice = "give raid_config as an object with a list of logical_disks";
        check_raid_config(&config).map_err(|why| HardwareError::invalid(why, advice))?;
        return Ok(Some(config));
    }
    let mut config = node.spec.target_raid_config.clone();
    let wanted = |name: &str| step.args.get(name).and_then(Value::as_bool).unwrap_or(true);
    let (root, others) = (wanted("create_root_volume"), wanted("create_nonroot_volumes"));
    let disks = config.get_mut("logical_disks").and_then(Value::as_array_mut);
    let left = disks.map(|disks| {
        disks.retain(|disk| if disk["is_root_volume"].as_bool().unwrap_or(false) { root } else { others });
        disks.len()
    });
    if left.unwrap_or_default() == 0 {
        return Err(HardwareError::invalid(
            "the node has no target RAID configuration with such volumes",
            "set it first: PUT /v1/nodes/{node}/states/raid",
        ));
    }
    Ok(Some(config))
}

/// The layout after the step, as the agent told it.
fn made(kind: StepKind, step: &Step, result: &Value) -> Option<JsonMap> {
    if step.step == "delete_configuration" {
        return Some(JsonMap::new());
    }
    result.get(format!("{}_result", kind.as_str()))?.as_object().cloned()
}

fn with_layout(outcome: StepOutcome, raid_config: Option<JsonMap>) -> StepOutcome {
    let add = |mut observed: Observed| {
        observed.raid_config = raid_config.clone();
        observed.driver_internal_info.insert(TARGET.to_owned(), Value::Null);
        observed
    };
    match outcome {
        StepOutcome::Done(observed) => StepOutcome::Done(add(observed)),
        StepOutcome::Reboot(observed) => StepOutcome::Reboot(add(observed)),
        other => other,
    }
}
