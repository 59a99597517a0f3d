#![doc = include_str!("../README.md")]

pub mod client;
pub mod config;
mod erasure;
pub mod interface;

pub use client::{AgentError, Agents};
pub use config::AgentConfig;
pub use erasure::ErasureConfig;
pub use interface::{DeployKind, deploy_interfaces, inspect_agent, raid_agent, rescue_agent};
