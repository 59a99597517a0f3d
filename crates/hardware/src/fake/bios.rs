//! BIOS of a fake node.

use super::script::play_step;
use super::steps::{FakeStep, offered};
use crate::interface::{Bios, StepArg, Steps};
use crate::registry::NodeInterfaces;
use crate::{HardwareError, StepOutcome, TaskView};
use async_trait::async_trait;
use ferric_model::bios::{BiosSetting, BiosSettings};
use ferric_model::hardware::InterfaceKind;
use ferric_model::node::Node;
use ferric_model::report::Observed;
use ferric_model::step::{Step, StepKind};
use serde_json::Value;

/// The fake BIOS interface: a node has the settings that were last applied, and no others.
#[derive(Debug, Default, Clone, Copy)]
pub struct FakeBios;

const STEPS: [FakeStep; 3] = [
    FakeStep::new(StepKind::Clean, "apply_configuration", 0),
    FakeStep::new(StepKind::Clean, "factory_reset", 0),
    FakeStep::new(StepKind::Clean, "cache_bios_settings", 0),
];

const SETTINGS: [StepArg; 1] = [StepArg {
    name: "settings",
    description: "a list of BIOS settings, each an object with a name and a value",
    required: true,
}];

#[async_trait]
impl Steps for FakeBios {
    fn steps(&self, kind: StepKind, _: &Node) -> Vec<Step> {
        offered(InterfaceKind::Bios, &STEPS, kind)
    }

    fn step_args(&self, step: &str) -> &'static [StepArg] {
        if step == "apply_configuration" { &SETTINGS } else { &[] }
    }

    async fn execute_step(
        &self,
        task: &TaskView,
        _: &NodeInterfaces,
        _: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        let outcome = play_step(&task.node, step).await?;
        if outcome != StepOutcome::done() {
            return Ok(outcome);
        }
        let bios = match step.step.as_str() {
            "apply_configuration" => Some(wanted(step)?),
            "factory_reset" => Some(BiosSettings::new()),
            _ => None,
        };
        Ok(StepOutcome::Done(Observed { bios, ..Observed::default() }))
    }
}

#[async_trait]
impl Bios for FakeBios {
    fn validate(&self, _: &Node) -> Result<(), HardwareError> {
        Ok(())
    }

    async fn read_settings(&self, _: &TaskView) -> Result<Option<BiosSettings>, HardwareError> {
        Ok(None)
    }
}

fn wanted(step: &Step) -> Result<BiosSettings, HardwareError> {
    let items = step.args.get("settings").and_then(Value::as_array);
    let setting = |item: &Value| {
        let value = match item.get("value")? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        Some((item.get("name")?.as_str()?.to_owned(), BiosSetting { value, ..BiosSetting::default() }))
    };
    items.and_then(|items| items.iter().map(setting).collect()).ok_or_else(|| {
        HardwareError::invalid(
            "the BIOS settings to apply are not a list of names and values",
            "give each setting as an object with a name and a value",
        )
    })
}
