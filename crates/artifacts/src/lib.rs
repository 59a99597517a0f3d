#![doc = include_str!("../README.md")]

pub mod boot;
mod composite;
pub mod configdrive;
mod error;
pub mod image;
pub mod initrd;
pub mod iso;
pub mod netboot;
pub mod oci;
pub mod source;
pub mod uki;

pub use composite::Composite;
pub use error::{ArtifactError, Result};
