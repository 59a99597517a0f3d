#![doc = include_str!("../README.md")]

pub mod config;
mod host;
mod interface;
pub mod launcher;
mod port;

pub use config::ConsoleConfig;
pub use host::{ConsoleHost, LauncherProgram};
pub use interface::ipmitool_socat;
