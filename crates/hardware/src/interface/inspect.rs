//! Inspect: finding out what a node is made of.

use crate::registry::NodeInterfaces;
use crate::{HardwareError, InspectOutcome, TaskView};
use async_trait::async_trait;
use ferric_model::node::Node;

/// Inspects a node.
#[async_trait]
pub trait Inspect: Send + Sync + std::fmt::Debug {
    /// Whether the node's description suffices.
    fn validate(&self, node: &Node) -> Result<(), HardwareError>;

    /// Begins the inspection, and ends it at once when the BMC can tell everything.
    async fn inspect(
        &self,
        task: &TaskView,
        interfaces: &NodeInterfaces,
    ) -> Result<InspectOutcome, HardwareError>;
}
