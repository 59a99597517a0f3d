//! The interfaces of the hardware type.

mod bios;
mod boot_device;
mod boot_https;
mod boot_settings;
mod boot_virtual_media;
mod firmware;
mod indicators;
mod inspect;
mod inventory;
mod management;
mod power;
mod restart;
mod user_media;

pub use bios::RedfishBios;
pub use boot_https::RedfishHttpsBoot;
pub use boot_virtual_media::RedfishVirtualMediaBoot;
pub use firmware::RedfishFirmware;
pub use inspect::RedfishInspect;
pub use management::RedfishManagement;
pub use power::RedfishPower;
