//! The configdrive: what the instance's first boot reads.

mod build;
mod files;
mod given;
mod parts;

pub use files::{encoded_files, image_files};
pub use given::GivenConfigDrive;
pub use parts::ConfigDriveParts;

/// Largest configdrive, as an image and as text; the agent refuses more.
pub const MAX_BYTES: u64 = 64 * 1024 * 1024;
