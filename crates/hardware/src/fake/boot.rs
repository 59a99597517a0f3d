//! Boot of a fake node.

use super::script::play;
use crate::{Boot, HardwareError, TaskView};
use async_trait::async_trait;
use ferric_model::node::Node;
use ferric_model::report::Observed;

/// The fake boot interface: nothing needs preparing.
#[derive(Debug, Default, Clone, Copy)]
pub struct FakeBoot;

#[async_trait]
impl Boot for FakeBoot {
    fn validate(&self, _node: &Node) -> Result<(), HardwareError> {
        Ok(())
    }

    async fn prepare_ramdisk(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        play(&task.node, "boot").await.map(|()| Observed::default())
    }

    async fn clean_up_ramdisk(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        play(&task.node, "boot").await.map(|()| Observed::default())
    }

    async fn prepare_instance(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        play(&task.node, "boot").await.map(|()| Observed::default())
    }

    async fn clean_up_instance(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        play(&task.node, "boot").await.map(|()| Observed::default())
    }
}
