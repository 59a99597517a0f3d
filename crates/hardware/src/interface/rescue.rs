//! Rescue: a system in which an operator can repair the node.

use crate::{HardwareError, TaskView};
use async_trait::async_trait;
use ferric_model::node::Node;
use ferric_model::report::Observed;

/// Boots a system for repairs and gives the node back to its instance.
///
/// Every operation may be repeated: it leads to a fixed end.
#[async_trait]
pub trait Rescue: Send + Sync + std::fmt::Debug {
    /// Whether the node's description suffices.
    fn validate(&self, node: &Node) -> Result<(), HardwareError>;

    /// Lets the node run a system that lets in whoever knows `rescue_password` of its `instance_info`.
    async fn rescue(&self, task: &TaskView) -> Result<Observed, HardwareError>;

    /// Lets the node run its instance again.
    async fn unrescue(&self, task: &TaskView) -> Result<Observed, HardwareError>;
}
