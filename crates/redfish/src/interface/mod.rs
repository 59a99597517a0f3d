//! The interfaces of the hardware type.

mod boot_device;
mod boot_virtual_media;
mod inspect;
mod inventory;
mod management;
mod power;
mod restart;

pub use boot_virtual_media::RedfishVirtualMediaBoot;
pub use inspect::RedfishInspect;
pub use management::RedfishManagement;
pub use power::RedfishPower;
