//! Rescue of a fake node.

use super::script::{has_ramdisk, play};
use crate::{HardwareError, Rescue, TaskView};
use async_trait::async_trait;
use ferric_model::node::Node;
use ferric_model::report::Observed;

/// The fake rescue interface: it takes its time.
#[derive(Debug, Default, Clone, Copy)]
pub struct FakeRescue;

#[async_trait]
impl Rescue for FakeRescue {
    fn validate(&self, _: &Node) -> Result<(), HardwareError> {
        Ok(())
    }

    fn boots_ramdisk(&self, node: &Node) -> bool {
        has_ramdisk(node)
    }

    async fn rescue(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        play(&task.node, "rescue").await.map(|()| Observed::default())
    }

    async fn unrescue(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        play(&task.node, "rescue").await.map(|()| Observed::default())
    }
}
