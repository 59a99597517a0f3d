//! What an attempt to boot has to offer, and how each file of it is made.

mod installer;
mod instance_image;
mod menu;
mod parameters;
mod table;
mod workshop;

pub use table::{ARTIFACTS, ArtifactRow, Make};
pub use workshop::{Artifact, Workshop};
