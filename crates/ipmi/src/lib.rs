#![doc = include_str!("../README.md")]

mod access;
mod config;
mod error;
mod hardware_type;
mod interface;
mod tool;

pub use config::IpmiConfig;
pub use hardware_type::hardware_type;
pub use interface::ipmi_serial;
pub use tool::Ipmitool;
