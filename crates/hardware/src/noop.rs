//! Implementations that do nothing, for what a node does not have.

use crate::interface::Inspect;
use crate::registry::NodeInterfaces;
use crate::{HardwareError, InspectOutcome, TaskView};
use async_trait::async_trait;
use ferric_model::node::Node;

/// `no-inspect`: every inspection is refused.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoInspect;

fn refused() -> HardwareError {
    HardwareError::unsupported("the node's inspect interface is 'no-inspect'")
}

#[async_trait]
impl Inspect for NoInspect {
    fn validate(&self, _node: &Node) -> Result<(), HardwareError> {
        Err(refused())
    }

    async fn inspect(&self, _: &TaskView, _: &NodeInterfaces) -> Result<InspectOutcome, HardwareError> {
        Err(refused())
    }
}
