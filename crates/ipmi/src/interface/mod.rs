//! What a conductor calls.

mod boot_device;
mod management;
mod power;
mod serial;
mod vendor;

pub use management::IpmiManagement;
pub use power::IpmiPower;
pub use serial::ipmi_serial;
pub use vendor::IpmiVendor;
