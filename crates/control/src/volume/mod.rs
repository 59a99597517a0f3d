//! Volume connectors and targets: creating, changing, reading and deleting them.
//!
//! Source: `contract: rest-api` section 6.

mod connectors;
mod document;
mod node;
mod targets;

pub use document::{NewVolumeConnector, NewVolumeTarget};
