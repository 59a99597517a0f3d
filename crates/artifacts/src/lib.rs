#![doc = include_str!("../README.md")]

mod error;
pub mod iso;
pub mod source;

pub use error::{ArtifactError, Result};
