//! The interfaces of the hardware type.

mod bios;
mod bios_wanted;
mod bmc_tasks;
mod boot_device;
mod boot_https;
mod boot_settings;
mod boot_virtual_media;
mod firmware;
mod indicators;
mod inspect;
mod inventory;
mod management;
mod management_steps;
mod notes;
mod power;
mod raid;
mod reboot;
mod restart;
mod sensors;
mod serial;
mod user_media;
mod vendor;

pub use bios::RedfishBios;
pub use boot_https::RedfishHttpsBoot;
pub use boot_virtual_media::RedfishVirtualMediaBoot;
pub use firmware::RedfishFirmware;
pub use inspect::RedfishInspect;
pub use management::RedfishManagement;
pub use power::RedfishPower;
pub use raid::RedfishRaid;
pub use serial::redfish_serial;
pub use vendor::RedfishVendor;

use reboot::reboot;
