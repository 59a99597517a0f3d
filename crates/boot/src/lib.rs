#![doc = include_str!("../README.md")]

mod address;
mod artifact;
mod config;
mod error;
mod evidence;
mod loaders;
mod service;
mod tftp;
mod tickets;

pub use artifact::{ARTIFACTS, Artifact, ArtifactRow, Make, Workshop};
pub use config::BootConfig;
pub use error::{BootServiceError, Result};
pub use service::{BootService, Opened};
pub use tickets::Tickets;
