#![doc = include_str!("../README.md")]

mod client;
mod config;
mod error;
mod interface;

pub use client::Neutron;
pub use config::{AuthType, NeutronConfig};
pub use error::NeutronError;
pub use interface::{flat, neutron};
