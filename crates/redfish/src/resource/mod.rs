//! Resources of a Redfish service: thin views of what was read, lenient field by field.
//!
//! Source: the schemas of DSP8010; each view names its own.

mod action;
mod bios;
mod bmc;
mod boot;
mod chassis;
mod ethernet_interface;
mod memory;
mod processor;
mod service_root;
mod storage;
mod system;
mod virtual_media;
mod volume;

pub use action::Action;
pub use bios::{AttributeRegistry, Bios, plain as plain_value};
pub use bmc::Manager;
pub use boot::Boot;
pub use chassis::Chassis;
pub use ethernet_interface::EthernetInterface;
pub use memory::Memory;
pub use processor::Processor;
pub use service_root::ServiceRoot;
pub use storage::{Drive, Storage};
pub use system::{PowerReading, System};
pub use virtual_media::VirtualMedia;
pub use volume::{Volume, VolumeCollection};
