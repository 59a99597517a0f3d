//! The versions that run: of the system, of its BMC, of its network adapters.
//!
//! Source: ComputerSystem, Manager and NetworkAdapter schemas.

use crate::client::{Access, Resource, Result, json};
use crate::resource::{Chassis, Manager};
use crate::vmedia::managers;
use ferric_model::firmware::{FirmwareComponent, FirmwareComponents};

/// Every component whose version can be told now.
pub(super) async fn read(access: &Access) -> Result<FirmwareComponents> {
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
    for chassis in system.chassis() {
        let Some(chassis) = access.bmc.find(chassis).await?.map(Chassis) else { continue };
        let Some(adapters) = chassis.network_adapters() else { continue };
        for path in access.bmc.find_members(adapters).await?.unwrap_or_default() {
            components.extend(access.bmc.find(&path).await?.and_then(|adapter| nic(&adapter)));
        }
    }
    Ok(components)
}

/// A network adapter; its serial number tells it from others of its kind, where it has one.
fn nic(adapter: &Resource) -> Option<(String, FirmwareComponent)> {
    let text = |key| json::text(&adapter.body, &[key]);
    let controllers = json::list(&adapter.body, &["Controllers"]);
    let version = controllers.iter().find_map(|one| json::text(one, &["FirmwarePackageVersion"]))?;
    let name = text("SerialNumber").or_else(|| text("Id"))?;
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let component = FirmwareComponent {
        current_version: owned(Some(version)),
        vendor: owned(text("Manufacturer")),
        model: owned(text("Model")),
        serial_number: owned(text("SerialNumber")),
    };
    Some((format!("nic:{name}"), component))
}
