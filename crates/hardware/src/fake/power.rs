//! Power of a fake node.

use super::script::play;
use crate::{HardwareError, Power, TaskView};
use async_trait::async_trait;
use ferric_model::node::Node;
use ferric_model::power::{PowerState, PowerTarget};
use std::time::Duration;

/// The fake power interface. It has no memory: the power state of a fake node is what the control plane last recorded,
/// so that any conductor gives the same answer.
#[derive(Debug, Default, Clone, Copy)]
pub struct FakePower;

#[async_trait]
impl Power for FakePower {
    fn validate(&self, _node: &Node) -> Result<(), HardwareError> {
        Ok(())
    }

    async fn get_power_state(&self, node: &Node) -> Result<Option<PowerState>, HardwareError> {
        play(node, "power").await?;
        Ok(Some(node.power_state.unwrap_or(PowerState::Off)))
    }

    async fn set_power_state(
        &self,
        task: &TaskView,
        target: PowerTarget,
        _timeout: Duration,
    ) -> Result<PowerState, HardwareError> {
        play(&task.node, "power").await?;
        Ok(target.final_state())
    }
}
