//! RAID: logical disks.

use super::Steps;
use crate::HardwareError;
use async_trait::async_trait;
use ferric_model::node::Node;

/// Lays out the logical disks of a node, in steps: `create_configuration` makes what the node's `target_raid_config` asks
/// for, `delete_configuration` takes all of it away, `apply_configuration` (argument `raid_config`) is for deployments.
///
/// A step that changes the layout tells it in [`ferric_model::report::Observed::raid_config`] of its outcome. The form of
/// `target_raid_config` is checked when it is set ([`ferric_model::hardware::check_raid_config`]); what this
/// hardware cannot do is for the step to refuse.
#[async_trait]
pub trait Raid: Steps {
    /// Whether the node's description suffices.
    fn validate(&self, node: &Node) -> Result<(), HardwareError>;
}
