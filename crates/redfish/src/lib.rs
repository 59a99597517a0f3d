#![doc = include_str!("../README.md")]

pub mod client;
pub mod config;
pub mod driver_info;
pub mod hardware_type;
pub mod interface;
pub mod resource;
mod vmedia;

pub use client::{RedfishClients, RedfishError};
pub use config::RedfishConfig;
pub use hardware_type::hardware_type;
pub use interface::redfish_serial;
