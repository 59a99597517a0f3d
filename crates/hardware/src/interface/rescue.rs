//! Rescue: a system in which an operator can repair the node.

use crate::{HardwareError, TaskView};
use async_trait::async_trait;
use ferric_model::node::Node;
use ferric_model::report::Observed;

/// Lets people into a system for repairs and gives the node back to its instance.
///
/// Where the system is the ramdisk, the flow does everything that every ramdisk needs: it moves the node between the networks,
/// boots the ramdisk and takes it away, and boots the instance again. Such an interface only talks to the agent.
///
/// Every operation may be repeated: it leads to a fixed end.
#[async_trait]
pub trait Rescue: Send + Sync + std::fmt::Debug {
    /// Whether the node's description suffices.
    fn validate(&self, node: &Node) -> Result<(), HardwareError>;

    /// Whether people are let into the ramdisk, which is booted before [`Self::rescue`] and taken away after
    /// [`Self::unrescue`].
    fn boots_ramdisk(&self, node: &Node) -> bool {
        let _ = node;
        false
    }

    /// Lets in whoever knows `rescue_password` of the node's `instance_info`; where a ramdisk is booted for it, its agent was
    /// heard of.
    async fn rescue(&self, task: &TaskView) -> Result<Observed, HardwareError>;

    /// Undoes what [`Self::rescue`] did, whether that ended or not; without a ramdisk it lets the node run its instance again.
    async fn unrescue(&self, task: &TaskView) -> Result<Observed, HardwareError>;
}
