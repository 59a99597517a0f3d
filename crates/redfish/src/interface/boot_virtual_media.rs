//! Boot from virtual media: the BMC presents a boot image as a CD.

use super::boot_device;
use crate::client::{Access, RedfishClients};
use crate::vmedia;
use async_trait::async_trait;
use ferric_hardware::{Boot, HardwareError, TaskView};
use ferric_model::node::Node;
use ferric_model::report::Observed;
use std::sync::Arc;

/// Name of the boot image below the task's boot URL.
const IMAGE: &str = "boot.iso";

/// The boot interface `redfish-virtual-media`.
#[derive(Debug, Clone)]
pub struct RedfishVirtualMediaBoot(Arc<RedfishClients>);

impl RedfishVirtualMediaBoot {
    /// Boot through these clients.
    pub const fn new(clients: Arc<RedfishClients>) -> Self {
        Self(clients)
    }

    /// Puts the boot image below `base` into a slot and makes the node boot it: the next time, or every time.
    async fn boot(
        &self,
        task: &TaskView,
        base: Option<&String>,
        persistent: bool,
    ) -> Result<Observed, HardwareError> {
        let Some(base) = base else {
            return Err(HardwareError::invalid(
                "the control plane offers no boot image for this task",
                "set the URL of the boot service in the configuration, and the kernel and ramdisk that the node is to boot",
            ));
        };
        let access = self.0.open(&task.node)?;
        let system = access.system().await?;
        let slots = vmedia::cd_slots(&access, &system).await?;
        vmedia::eject_all(&access, &slots).await?;
        vmedia::insert(&access, slots, &format!("{base}/{IMAGE}")).await?;
        set(&access, "cdrom", persistent).await
    }

    /// Empties every CD slot.
    async fn eject(&self, node: &Node) -> Result<Access, HardwareError> {
        let access = self.0.open(node)?;
        let system = access.system().await?;
        let slots = vmedia::cd_slots(&access, &system).await?;
        vmedia::eject_all(&access, &slots).await?;
        Ok(access)
    }
}

#[async_trait]
impl Boot for RedfishVirtualMediaBoot {
    fn validate(&self, node: &Node) -> Result<(), HardwareError> {
        self.0.open(node).map(drop)
    }

    async fn prepare_ramdisk(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        self.boot(task, task.boot_url.as_ref(), false).await
    }

    async fn clean_up_ramdisk(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        self.eject(&task.node).await.map(|_| Observed::default())
    }

    async fn prepare_instance(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        if let Some(url) = &task.instance_boot_url {
            return self.boot(task, Some(url), true).await;
        }
        let access = self.eject(&task.node).await?;
        set(&access, "disk", true).await
    }

    async fn clean_up_instance(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        self.eject(&task.node).await.map(|_| Observed::default())
    }
}

async fn set(access: &Access, device: &str, persistent: bool) -> Result<Observed, HardwareError> {
    let driver_internal_info = boot_device::set(access, device, persistent).await?;
    Ok(Observed { driver_internal_info, ..Observed::default() })
}
