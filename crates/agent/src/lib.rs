#![doc = include_str!("../README.md")]

pub mod client;
pub mod config;
pub mod interface;

pub use client::{AgentError, Agents};
pub use config::AgentConfig;
pub use interface::{deploy_direct, inspect_agent, raid_agent, rescue_agent};
