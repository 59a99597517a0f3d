//! What a node is, as far as failures may have to do with it.

use crate::JsonMap;
use crate::firmware::FirmwareComponents;
use crate::report::Inventory;
use serde_json::Value;

/// Who made a node and what runs in it before the operating system.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HardwareFacts {
    /// Who made it.
    pub vendor: Option<String>,
    /// What it is.
    pub model: Option<String>,
    /// Version of the BMC's firmware.
    pub bmc_firmware: Option<String>,
    /// Version of the BIOS.
    pub bios_version: Option<String>,
}

impl HardwareFacts {
    /// What inspection and the firmware components tell; none when they tell nothing.
    ///
    /// Source: `contract: agent-protocol` section 7 (`system_vendor`).
    pub fn find(inventory: Option<&Inventory>, firmware: Option<&FirmwareComponents>) -> Option<Self> {
        let vendor =
            inventory.and_then(|found| found.inventory.get("system_vendor")).and_then(Value::as_object);
        let text = |map: Option<&JsonMap>, key: &str| {
            let value = map.and_then(|map| map.get(key)).and_then(Value::as_str).map(str::trim);
            value.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let version = |component: &str| firmware?.get(component)?.current_version.clone();
        let bios = vendor.and_then(|vendor| vendor.get("firmware")).and_then(Value::as_object);
        let facts = Self {
            vendor: text(vendor, "manufacturer"),
            model: text(vendor, "product_name"),
            bmc_firmware: version("bmc"),
            bios_version: version("bios").or_else(|| text(bios, "version")),
        };
        (facts != Self::default()).then_some(facts)
    }
}
