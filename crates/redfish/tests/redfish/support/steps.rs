//! Driving a step to its end, as the engine does.

use super::{Rig, clients};
use ferric_hardware::fake;
use ferric_hardware::{Generic, HardwareError, NodeInterfaces, Registry, StepOutcome};
use ferric_model::JsonMap;
use ferric_model::report::Observed;
use ferric_model::step::{Step, StepKind};
use serde_json::Value;

/// More moves than any step needs.
const MOST_MOVES: usize = 60;

impl Rig {
    /// The interfaces of the rig's node; what Redfish does not have itself is that of a fake node.
    pub fn interfaces(&self) -> NodeInterfaces {
        let mut other = self.task.node.clone();
        other.driver = "fake-hardware".to_owned();
        let fake = Registry::default().with(fake::hardware_type(Generic::default())).resolve(&other).unwrap();
        let own = clients(self.config.clone());
        NodeInterfaces {
            power: own.power[0].1.clone(),
            management: own.management[0].1.clone(),
            bios: own.bios[0].1.clone(),
            raid: own.raid[0].1.clone(),
            firmware: own.firmware[0].1.clone(),
            ..fake
        }
    }

    /// Keeps what a step wants to be stored.
    pub fn store(&mut self, seen: Observed) {
        merge(&mut self.task.node.status.driver_internal_info, seen.driver_internal_info);
    }
}

/// A merge patch (RFC 7396).
fn merge(target: &mut JsonMap, patch: JsonMap) {
    for (key, value) in patch {
        match (target.get_mut(&key), value) {
            (_, Value::Null) => drop(target.remove(&key)),
            (Some(Value::Object(present)), Value::Object(inner)) => merge(present, inner),
            (_, value) => drop(target.insert(key, value)),
        }
    }
}

/// Runs a step to its end on a node that runs no ramdisk.
pub async fn run_step(rig: &mut Rig, kind: StepKind, step: &Step) -> Result<Observed, HardwareError> {
    run_step_losing(rig, kind, step, usize::MAX).await
}

/// The same, while the conductor is lost right after it made one of its moves: nobody stored what that led to, and
/// another one looks after the step.
pub async fn run_step_losing(
    rig: &mut Rig,
    kind: StepKind,
    step: &Step,
    lost_at: usize,
) -> Result<Observed, HardwareError> {
    let interfaces = rig.interfaces();
    let mut begun = false;
    for made in 0..MOST_MOVES {
        let outcome = match begun {
            false => interfaces.execute(&rig.task, kind, step).await?,
            true => interfaces.resume(&rig.task, kind, step).await?,
        };
        begun = true;
        if made == lost_at {
            continue;
        }
        match outcome {
            StepOutcome::Done(seen) => {
                rig.store(seen.clone());
                return Ok(seen);
            }
            StepOutcome::Again(seen) => rig.store(seen),
            outcome => panic!("{outcome:?}"),
        }
    }
    panic!("{} does not end", step.label());
}
