//! Inspection of a fake node.

use super::script::{has_ramdisk, play};
use crate::registry::NodeInterfaces;
use crate::{HardwareError, Inspect, InspectOutcome, TaskView};
use async_trait::async_trait;
use ferric_model::node::Node;
use ferric_model::report::Observed;

/// The fake inspect interface: finds nothing, at once, or lets whoever plays the ramdisk's part find something.
#[derive(Debug, Default, Clone, Copy)]
pub struct FakeInspect;

#[async_trait]
impl Inspect for FakeInspect {
    fn validate(&self, _node: &Node) -> Result<(), HardwareError> {
        Ok(())
    }

    async fn inspect(&self, task: &TaskView, _: &NodeInterfaces) -> Result<InspectOutcome, HardwareError> {
        play(&task.node, "inspect").await?;
        Ok(match has_ramdisk(&task.node) {
            true => InspectOutcome::BootRamdisk(Observed::default()),
            false => InspectOutcome::Done(Observed::default()),
        })
    }
}
