//! Firmware: which versions run.

use crate::client::{Access, RedfishClients, Result};
use crate::resource::Manager;
use crate::vmedia::managers;
use async_trait::async_trait;
use ferric_hardware::interface::Firmware;
use ferric_hardware::{HardwareError, Steps, TaskView};
use ferric_model::firmware::{FirmwareComponent, FirmwareComponents};
use ferric_model::node::Node;
use std::sync::Arc;

/// The firmware interface `redfish`: it tells versions and updates nothing.
#[derive(Debug, Clone)]
pub struct RedfishFirmware(Arc<RedfishClients>);

impl RedfishFirmware {
    /// Firmware through these clients.
    pub const fn new(clients: Arc<RedfishClients>) -> Self {
        Self(clients)
    }
}

impl Steps for RedfishFirmware {}

#[async_trait]
impl Firmware for RedfishFirmware {
    fn validate(&self, node: &Node) -> std::result::Result<(), HardwareError> {
        self.0.open(node).map(drop)
    }

    async fn read_components(
        &self,
        task: &TaskView,
    ) -> std::result::Result<Option<FirmwareComponents>, HardwareError> {
        let components = read(&self.0.open(&task.node)?).await?;
        Ok(Some(components).filter(|components| !components.is_empty()))
    }
}

async fn read(access: &Access) -> Result<FirmwareComponents> {
    let mut components = FirmwareComponents::new();
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let system = access.system().await?;
    if system.bios_version().is_some() {
        let bios = FirmwareComponent {
            current_version: owned(system.bios_version()),
            vendor: owned(system.manufacturer()),
            model: owned(system.model()),
            serial_number: owned(system.serial_number()),
        };
        components.insert("bios".to_owned(), bios);
    }
    for path in managers(access, &system).await? {
        let Some(manager) = access.bmc.find(&path).await?.map(Manager) else { continue };
        if manager.firmware_version().is_some() {
            let bmc = FirmwareComponent {
                current_version: owned(manager.firmware_version()),
                vendor: owned(manager.manufacturer()),
                model: owned(manager.model()),
                serial_number: None,
            };
            components.insert("bmc".to_owned(), bmc);
            break;
        }
    }
    Ok(components)
}
