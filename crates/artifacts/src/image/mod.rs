//! Disk images of instances: what may be deployed, how it is verified, what the agent is told.
//!
//! Image bytes never pass through here on a deploy: the agent fetches them.

mod checksum;
mod checksum_file;
mod info;
mod kind;
mod reach;
mod source;

pub use checksum::{ChecksumFields, ChecksumRule, HashAlgorithm, ImageDigest};
pub use info::ImageInfo;
pub use kind::is_whole_disk_image;
pub use reach::{ReachableImage, check_reachable};
pub use source::ImageSource;
