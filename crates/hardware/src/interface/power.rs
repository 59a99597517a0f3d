//! Power.

use crate::{HardwareError, TaskView};
use async_trait::async_trait;
use ferric_model::node::Node;
use ferric_model::power::{PowerState, PowerTarget};
use std::time::Duration;

/// What one look shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PowerLook {
    /// The power state; none when the BMC itself does not know.
    pub power_state: Option<PowerState>,
    /// `OK`, `Warning` or `Critical`; none where nothing tells.
    pub health: Option<String>,
}

/// Reads and changes the power state of a node.
#[async_trait]
pub trait Power: Send + Sync + std::fmt::Debug {
    /// Whether the node's description suffices.
    fn validate(&self, node: &Node) -> Result<(), HardwareError>;

    /// Reads the power state; none when the BMC itself does not know.
    async fn get_power_state(&self, node: &Node) -> Result<Option<PowerState>, HardwareError>;

    /// Reads what is looked at now and then: the power state, and the health where the same look shows it.
    async fn look(&self, node: &Node) -> Result<PowerLook, HardwareError> {
        Ok(PowerLook { power_state: self.get_power_state(node).await?, health: None })
    }

    /// Reaches `target` and returns only when the BMC confirms it, or after `timeout`.
    ///
    /// A target that is reached already costs no action; a reboot is never skipped.
    async fn set_power_state(
        &self,
        task: &TaskView,
        target: PowerTarget,
        timeout: Duration,
    ) -> Result<PowerState, HardwareError>;

    /// What can be asked for.
    fn supported_targets(&self) -> &'static [PowerTarget] {
        &PowerTarget::ALL
    }
}
