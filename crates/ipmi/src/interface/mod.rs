//! What a conductor calls.

mod boot_device;
mod management;
mod power;
mod vendor;

pub use management::IpmiManagement;
pub use power::IpmiPower;
pub use vendor::IpmiVendor;
