#![doc = include_str!("../README.md")]

pub mod boot;
pub mod configdrive;
mod error;
pub mod image;
pub mod ipxe;
pub mod iso;
pub mod oci;
pub mod source;

pub use error::{ArtifactError, Result};
