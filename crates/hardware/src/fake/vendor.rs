//! Vendor methods of a fake node.

use super::script::{play, play_step};
use super::steps::{FakeStep, offered};
use crate::interface::{Steps, Vendor, VendorAnswer, VendorCall};
use crate::registry::NodeInterfaces;
use crate::{HardwareError, StepOutcome, TaskView};
use async_trait::async_trait;
use ferric_model::hardware::InterfaceKind;
use ferric_model::node::Node;
use ferric_model::step::{Step, StepKind};
use ferric_model::vendor::{VendorMethod, VendorMethods};
use serde_json::Value;
use std::collections::BTreeMap;

/// The fake vendor interface: methods that compare a word, one that only takes time, and a step that waits for ever.
#[derive(Debug, Default, Clone, Copy)]
pub struct FakeVendor;

/// Methods that are true for one value of `bar`: name, value.
const WORDS: [(&str, &str); 3] =
    [("second_method", "kazoo"), ("third_method_sync", "meow"), ("fourth_method_shared_lock", "woof")];

const STEPS: [FakeStep; 3] = [
    FakeStep::new(StepKind::Clean, "log_passthrough", 1).without_ramdisk(),
    FakeStep::new(StepKind::Service, "log_passthrough", 0).without_ramdisk(),
    FakeStep::new(StepKind::Service, "trigger_servicewait", 0),
];

#[async_trait]
impl Steps for FakeVendor {
    fn steps(&self, kind: StepKind, _: &Node) -> Vec<Step> {
        offered(InterfaceKind::Vendor, &STEPS, kind)
    }

    async fn execute_step(
        &self,
        task: &TaskView,
        _: &NodeInterfaces,
        _: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        Ok(match (play_step(&task.node, step).await?, step.step.as_str()) {
            (StepOutcome::Done(seen), "trigger_servicewait") => StepOutcome::Wait(seen),
            (outcome, _) => outcome,
        })
    }
}

#[async_trait]
impl Vendor for FakeVendor {
    fn validate(&self, _: &Node) -> Result<(), HardwareError> {
        Ok(())
    }

    fn methods(&self) -> VendorMethods {
        let compares = |word: &str| {
            VendorMethod::new(&["POST"], &format!("Test if the value of bar is {word}")).needs("bar")
        };
        let methods = [
            ("second_method", compares("kazoo").in_background()),
            ("third_method_sync", compares("meow")),
            ("fourth_method_shared_lock", compares("woof").in_background().shared()),
            ("log_passthrough", VendorMethod::new(&["POST"], "Test pass-through to wait.").in_background()),
        ];
        let node = methods.into_iter().map(|(name, method)| (name.to_owned(), method)).collect();
        VendorMethods { node, driver: BTreeMap::new() }
    }

    async fn call_method(&self, task: &TaskView, call: &VendorCall) -> Result<VendorAnswer, HardwareError> {
        play(&task.node, &format!("vendor.{}", call.method)).await?;
        let word = WORDS.iter().find(|row| row.0 == call.method).map(|row| row.1);
        let value = word.map_or(Value::Null, |word| (call.args.get("bar") == Some(&word.into())).into());
        Ok(VendorAnswer { value, ..VendorAnswer::default() })
    }
}
