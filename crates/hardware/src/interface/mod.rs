//! What a hardware type must be able to do, one trait per kind of interface.

mod bios;
mod boot;
mod console;
mod deploy;
mod firmware;
mod inspect;
mod management;
mod network;
mod power;
mod raid;
mod rescue;
mod sensors;
mod steps;
mod vendor;

pub use bios::Bios;
pub use boot::Boot;
pub use console::{Console, SerialOverLan, SerialTarget};
pub use deploy::Deploy;
pub use firmware::Firmware;
pub use inspect::Inspect;
pub use management::{BootDevice, Indicator, Management, VirtualMedia};
pub use network::{Network, RamdiskNetwork};
pub use power::{Power, PowerLook};
pub use raid::Raid;
pub use rescue::Rescue;
pub use sensors::{Health, Sensor, SensorKind, Unit};
pub use steps::{StepArg, Steps};
pub use vendor::{Vendor, VendorAnswer, VendorCall};
