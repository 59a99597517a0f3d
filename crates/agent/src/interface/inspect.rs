//! `agent`: inspection by the ramdisk, which sends what it finds to the API itself.

use super::remembered::forget_flow;
use async_trait::async_trait;
use ferric_hardware::{HardwareError, Inspect, InspectOutcome, NodeInterfaces, TaskView};
use ferric_model::node::Node;
use std::sync::Arc;

/// The inspect interface `agent`.
#[derive(Debug, Clone, Copy, Default)]
pub struct InspectAgent;

/// The inspect interface `agent`, for the composition of hardware types.
pub fn inspect_agent() -> Arc<dyn Inspect> {
    Arc::new(InspectAgent)
}

#[async_trait]
impl Inspect for InspectAgent {
    /// The ramdisk needs nothing of its own; what it boots from is checked by the boot interface.
    fn validate(&self, _node: &Node) -> Result<(), HardwareError> {
        Ok(())
    }

    async fn inspect(
        &self,
        task: &TaskView,
        interfaces: &NodeInterfaces,
    ) -> Result<InspectOutcome, HardwareError> {
        interfaces.boot.validate(&task.node)?;
        Ok(InspectOutcome::BootRamdisk(forget_flow(task)))
    }
}
