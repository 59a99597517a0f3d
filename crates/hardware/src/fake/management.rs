//! Management of a fake node.

use super::script::play;
use crate::interface::{BootDevice, Management};
use crate::{HardwareError, TaskView};
use async_trait::async_trait;
use ferric_model::node::Node;
use ferric_model::report::Observed;

/// The fake management interface: the boot device is always `pxe`, not persistent.
#[derive(Debug, Default, Clone, Copy)]
pub struct FakeManagement;

#[async_trait]
impl Management for FakeManagement {
    fn validate(&self, _node: &Node) -> Result<(), HardwareError> {
        Ok(())
    }

    async fn get_boot_device(&self, task: &TaskView) -> Result<BootDevice, HardwareError> {
        play(&task.node, "management").await?;
        Ok(BootDevice { boot_device: Some("pxe".to_owned()), persistent: Some(false) })
    }

    async fn set_boot_device(
        &self,
        task: &TaskView,
        device: &str,
        _: bool,
    ) -> Result<Observed, HardwareError> {
        play(&task.node, "management").await?;
        if device == "pxe" {
            return Ok(Observed::default());
        }
        Err(HardwareError::invalid(
            format!("Invalid boot device {device} specified."),
            "a fake node boots from 'pxe' only",
        ))
    }

    async fn observe(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        play(&task.node, "management").await?;
        Ok(Observed::default())
    }
}
