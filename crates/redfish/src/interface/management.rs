//! Management: boot device and settings, indicators, sensors, virtual media, vendor, health.

use super::power::{SendError, send_reset};
use super::{boot_device, boot_settings, indicators, sensors, user_media};
use crate::client::{Access, RedfishClients, Result, json};
use crate::resource::{ServiceRoot, System};
use async_trait::async_trait;
use ferric_hardware::interface::{BootDevice, Indicator, Sensor, VirtualMedia};
use ferric_hardware::{HardwareError, Management, TaskView};
use ferric_model::node::Node;
use ferric_model::report::Observed;
use ferric_model::task::params::AttachVirtualMedia;
use redfish::ResetType;
use std::sync::Arc;

/// The management interface `redfish`.
#[derive(Debug, Clone)]
pub struct RedfishManagement(Arc<RedfishClients>);

impl RedfishManagement {
    /// Management through these clients.
    pub const fn new(clients: Arc<RedfishClients>) -> Self {
        Self(clients)
    }

    pub(super) fn clients(&self) -> &RedfishClients {
        &self.0
    }
}

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

    async fn set_boot_mode(
        &self,
        task: &TaskView,
        mode: &str,
    ) -> std::result::Result<Observed, HardwareError> {
        boot_settings::set_mode(&self.0.open(&task.node)?, mode).await
    }

    async fn set_secure_boot(
        &self,
        task: &TaskView,
        on: bool,
    ) -> std::result::Result<Observed, HardwareError> {
        boot_settings::set_secure_boot(&self.0.open(&task.node)?, on).await
    }

    async fn inject_nmi(&self, task: &TaskView) -> std::result::Result<(), HardwareError> {
        let access = self.0.open(&task.node)?;
        let system = access.system().await?;
        match send_reset(&access, &system, &[ResetType::Nmi]).await {
            Ok(accepted) => Ok(access.bmc.settle(&accepted, access.bmc.config().task_timeout(), &[]).await?),
            Err(SendError::Missing(error)) => Err(error),
            Err(SendError::Redfish(error)) => Err(error.into()),
        }
    }

    async fn list_indicators(&self, task: &TaskView) -> std::result::Result<Vec<Indicator>, HardwareError> {
        Ok(indicators::list(&self.0.open(&task.node)?).await?)
    }

    async fn get_indicator(
        &self,
        task: &TaskView,
        component: &str,
        name: &str,
    ) -> std::result::Result<String, HardwareError> {
        indicators::get(&self.0.open(&task.node)?, component, name).await
    }

    async fn set_indicator(
        &self,
        task: &TaskView,
        component: &str,
        name: &str,
        state: &str,
    ) -> std::result::Result<(), HardwareError> {
        indicators::set(&self.0.open(&task.node)?, component, name, state).await
    }

    async fn sensors(&self, node: &Node) -> std::result::Result<Vec<Sensor>, HardwareError> {
        Ok(sensors::read(&self.0.open(node)?).await?)
    }

    async fn get_virtual_media(
        &self,
        task: &TaskView,
    ) -> std::result::Result<Vec<VirtualMedia>, HardwareError> {
        Ok(user_media::list(&self.0.open(&task.node)?).await?)
    }

    async fn attach_virtual_media(
        &self,
        task: &TaskView,
        media: &AttachVirtualMedia,
    ) -> std::result::Result<Observed, HardwareError> {
        user_media::attach(&self.0.open(&task.node)?, media).await
    }

    async fn detach_virtual_media(
        &self,
        task: &TaskView,
        device_types: Option<&[String]>,
    ) -> std::result::Result<Observed, HardwareError> {
        user_media::detach(&self.0.open(&task.node)?, device_types).await
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
