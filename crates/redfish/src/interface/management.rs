//! Management: boot device, vendor, boot mode, secure boot, health.

use super::boot_device;
use crate::client::{Access, RedfishClients, Result, json};
use crate::resource::{ServiceRoot, System};
use async_trait::async_trait;
use ferric_hardware::interface::BootDevice;
use ferric_hardware::{HardwareError, Management, Steps, TaskView};
use ferric_model::node::Node;
use ferric_model::report::Observed;
use std::sync::Arc;

/// The management interface `redfish`.
#[derive(Debug, Clone)]
pub struct RedfishManagement(Arc<RedfishClients>);

impl RedfishManagement {
    /// Management through these clients.
    pub const fn new(clients: Arc<RedfishClients>) -> Self {
        Self(clients)
    }
}

impl Steps for RedfishManagement {}

#[async_trait]
impl Management for RedfishManagement {
    fn validate(&self, node: &Node) -> std::result::Result<(), HardwareError> {
        self.0.open(node).map(drop)
    }

    async fn get_boot_device(&self, task: &TaskView) -> std::result::Result<BootDevice, HardwareError> {
        Ok(boot_device::get(&self.0.open(&task.node)?).await?)
    }

    async fn set_boot_device(
        &self,
        task: &TaskView,
        device: &str,
        persistent: bool,
    ) -> std::result::Result<Observed, HardwareError> {
        let driver_internal_info = boot_device::set(&self.0.open(&task.node)?, device, persistent).await?;
        Ok(Observed { driver_internal_info, ..Observed::default() })
    }

    async fn observe(&self, task: &TaskView) -> std::result::Result<Observed, HardwareError> {
        let access = self.0.open(&task.node)?;
        let system = access.system().await?;
        let mut observed = Observed {
            power_state: system.power().state(),
            boot_mode: boot_device::mode_word(system.boot().mode()).map(str::to_owned),
            secure_boot: secure_boot(&access, &system).await?,
            health: system.health().map(str::to_owned),
            ..Observed::default()
        };
        if !task.node.spec.properties.contains_key("vendor")
            && let Some(vendor) = vendor(&access, &system).await?
        {
            observed.properties.insert("vendor".to_owned(), vendor.into());
        }
        Ok(observed)
    }
}

/// Who made the system: what the service says of itself, else what the system says.
pub(super) async fn vendor(access: &Access, system: &System) -> Result<Option<String>> {
    let root = access.bmc.root().await?;
    Ok(ServiceRoot(&root).vendor().or_else(|| system.manufacturer()).map(str::to_owned))
}

/// Whether the system booted with secure boot, else whether it will.
async fn secure_boot(access: &Access, system: &System) -> Result<Option<bool>> {
    let Some(path) = system.secure_boot() else { return Ok(None) };
    let Some(settings) = access.bmc.find(path).await? else { return Ok(None) };
    Ok(match json::text(&settings.body, &["SecureBootCurrentBoot"]) {
        Some("Enabled") => Some(true),
        Some("Disabled") => Some(false),
        _ => json::flag(&settings.body, &["SecureBootEnable"]),
    })
}
