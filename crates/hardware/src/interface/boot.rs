//! Boot: bringing up ramdisks and instances.

use super::Management;
use crate::{HardwareError, TaskView};
use async_trait::async_trait;
use ferric_model::node::Node;
use ferric_model::report::Observed;
use std::sync::Arc;

/// Prepares what a node boots from. The node is powered off while it is prepared; the engine switches it on afterwards.
///
/// Every operation may be repeated: it sets something to a fixed value.
#[async_trait]
pub trait Boot: Send + Sync + std::fmt::Debug {
    /// The same interface for a node with this management interface; none where it needs none.
    fn over(&self, management: &Arc<dyn Management>) -> Option<Arc<dyn Boot>> {
        let _ = management;
        None
    }

    /// Whether the node's description suffices.
    fn validate(&self, node: &Node) -> Result<(), HardwareError>;

    /// Makes the next boot run the ramdisk from [`TaskView::boot_url`].
    async fn prepare_ramdisk(&self, task: &TaskView) -> Result<Observed, HardwareError>;

    /// Takes the ramdisk's media away.
    async fn clean_up_ramdisk(&self, task: &TaskView) -> Result<Observed, HardwareError>;

    /// Makes every further boot run the instance: from disk, or from [`TaskView::instance_boot_url`] where its system never
    /// comes to a disk.
    async fn prepare_instance(&self, task: &TaskView) -> Result<Observed, HardwareError>;

    /// Takes away what [`Self::prepare_instance`] set.
    async fn clean_up_instance(&self, task: &TaskView) -> Result<Observed, HardwareError>;
}
