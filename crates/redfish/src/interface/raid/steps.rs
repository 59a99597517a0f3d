//! The steps of the RAID interface: what each is asked for, and what it says in the end.

use super::change::{Change, Move};
use super::inventory::{self, Unit};
use super::layout::{Controller, plan};
use crate::client::{Access, RedfishClients};
use crate::interface::notes::Notes;
use crate::interface::reboot;
use async_trait::async_trait;
use ferric_hardware::interface::{Raid, StepArg};
use ferric_hardware::{HardwareError, NodeInterfaces, StepOutcome, Steps, TaskView};
use ferric_model::JsonMap;
use ferric_model::hardware::{InterfaceKind, check_raid_config};
use ferric_model::node::Node;
use ferric_model::report::Observed;
use ferric_model::step::{Repeat, Step, StepKind};
use serde_json::{Value, json};
use std::sync::Arc;

/// The RAID interface `redfish`.
#[derive(Debug, Clone)]
pub struct RedfishRaid(Arc<RedfishClients>);

const NOTES: Notes = Notes("redfish_raid");

/// Steps with the kinds that have them. A volume must not be made twice; taking one apart again changes nothing.
///
/// Source: `contract: hardware-interfaces` section 2.
const STEPS: [(&str, &[StepKind], Repeat); 3] = [
    ("create_configuration", &[StepKind::Clean], Repeat::Once),
    ("delete_configuration", &[StepKind::Clean, StepKind::Deploy, StepKind::Service], Repeat::Retryable),
    ("apply_configuration", &[StepKind::Deploy, StepKind::Service], Repeat::Once),
];

const fn choice(name: &'static str, description: &'static str) -> StepArg {
    StepArg { name, description, required: false }
}

const ROOT: StepArg =
    choice("create_root_volume", "whether the root volume is made; it is, unless this is false");
const OTHERS: StepArg =
    choice("create_nonroot_volumes", "whether the other volumes are made; they are, unless this is false");
const DELETE: StepArg =
    choice("delete_existing", "whether the volumes that there are go first: true or false");
const CREATE_ARGS: [StepArg; 3] = [ROOT, OTHERS, DELETE];
const APPLY_ARGS: [StepArg; 4] = [
    StepArg { name: "raid_config", description: "an object with a list of logical_disks", required: true },
    ROOT,
    OTHERS,
    DELETE,
];

impl RedfishRaid {
    /// RAID through these clients.
    pub const fn new(clients: Arc<RedfishClients>) -> Self {
        Self(clients)
    }
}

#[async_trait]
impl Steps for RedfishRaid {
    fn steps(&self, kind: StepKind, _: &Node) -> Vec<Step> {
        let offered = STEPS.iter().filter(|row| row.1.contains(&kind));
        offered.map(|row| Step { repeat: row.2, ..Step::new(InterfaceKind::Raid, row.0, 0) }).collect()
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
        _: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        let access = self.0.open(&task.node)?;
        let units = inventory::read(&access).await?;
        if units.is_empty() {
            return Err(HardwareError::unsupported(
                "the BMC shows no storage controller that makes RAID volumes",
            ));
        }
        // Everything is decided before anything is touched.
        let change = begin(task, step, &units)?;
        Ok(StepOutcome::Again(NOTES.keep(task, step, &change)))
    }

    async fn resume_step(
        &self,
        task: &TaskView,
        interfaces: &NodeInterfaces,
        kind: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        let Some(mut change) = NOTES.read::<Change>(task, step) else {
            // Nothing was stored, so nothing was done.
            return self.execute_step(task, interfaces, kind, step).await;
        };
        let access = self.0.open(&task.node)?;
        match change.advance(&access).await? {
            Move::On => Ok(StepOutcome::Again(NOTES.keep(task, step, &change))),
            Move::Reboot => reboot(task, interfaces, NOTES.keep(task, step, &change)).await,
            Move::Done => {
                let raid_config = Some(layout_now(&access, &change).await?);
                Ok(StepOutcome::Done(Observed { raid_config, ..NOTES.forget() }))
            }
        }
    }
}

impl Raid for RedfishRaid {
    fn validate(&self, node: &Node) -> Result<(), HardwareError> {
        self.0.open(node).map(drop)
    }
}

/// What the step is to change.
fn begin(task: &TaskView, step: &Step, units: &[Unit]) -> Result<Change, HardwareError> {
    let given =
        |name: &str, default| step.args.get(name).map_or(default, |value| value.as_bool().unwrap_or(default));
    let delete = given(DELETE.name, true);
    let doomed = units.iter().flat_map(|unit| &unit.volumes).map(|volume| volume.0.path.clone());
    if step.step == "delete_configuration" {
        return Ok(Change::new(doomed.collect(), Vec::new()));
    }
    let config = wanted(task, step)?;
    let disks = config.get("logical_disks").and_then(Value::as_array).cloned().unwrap_or_default();
    let (root, others) = (given(ROOT.name, true), given(OTHERS.name, true));
    let is_root = |disk: &Value| disk["is_root_volume"].as_bool().unwrap_or(false);
    let disks: Vec<Value> =
        disks.into_iter().filter(|disk| if is_root(disk) { root } else { others }).collect();
    let controllers: Vec<Controller> = units.iter().map(|unit| room_of(unit, delete)).collect();
    let planned = plan(&disks, &controllers)?;
    Ok(Change::new(doomed.filter(|_| delete).collect(), planned))
}

fn wanted(task: &TaskView, step: &Step) -> Result<JsonMap, HardwareError> {
    if step.step == "create_configuration" {
        let config = task.node.spec.target_raid_config.clone();
        if config.is_empty() {
            return Err(HardwareError::invalid(
                "the node has no target RAID configuration",
                "set it first: PUT /v1/nodes/{node}/states/raid",
            ));
        }
        return Ok(config);
    }
    let config = step.args.get("raid_config").and_then(Value::as_object).cloned().unwrap_or_default();
    let advice = "give raid_config as an object with a list of logical_disks";
    check_raid_config(&config).map_err(|why| HardwareError::invalid(why, advice))?;
    Ok(config)
}

/// The controller as it is once its volumes are gone, if they go.
fn room_of(unit: &Unit, delete: bool) -> Controller {
    let mut controller = unit.controller.clone();
    if delete {
        controller.disks.iter_mut().for_each(|disk| disk.used = 0);
    }
    controller
}

/// The layout as the BMC shows it now.
async fn layout_now(access: &Access, change: &Change) -> Result<JsonMap, HardwareError> {
    let mut disks = Vec::new();
    for unit in inventory::read(access).await? {
        let controller = unit.controller.names.first().cloned().unwrap_or_default();
        let name = |path: &str| {
            let disk = unit.controller.disks.iter().find(|disk| disk.path == path)?;
            disk.names.first().cloned()
        };
        for volume in &unit.volumes {
            let names: Vec<String> = volume.drives().into_iter().filter_map(name).collect();
            let is_root = change.is_root(&volume.0.path);
            disks.push(inventory::document(volume, &controller, &names, is_root));
        }
    }
    Ok(JsonMap::from_iter([("logical_disks".to_owned(), json!(disks))]))
}
