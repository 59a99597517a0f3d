//! Disk images of instances: what may be deployed, how it is verified, what the agent is told.
//!
//! Image bytes never pass through here on a deploy: the agent fetches them. [`Images`] is all that conductors get.

mod checksum;
mod checksum_file;
mod config;
mod format;
mod images;
mod info;
mod kind;
mod partition;
mod proxy;
mod reach;
mod source;

pub use checksum::{ChecksumFields, ChecksumRule, HashAlgorithm, ImageDigest};
pub use config::ImageConfig;
pub use format::{INSPECTED_BYTES, PERMITTED_FORMATS, check as check_format, detect as detect_formats};
pub use images::{ImageAccess, Images, SeenImage};
pub use info::{ImageInfo, Verified, check_format_name};
pub use kind::is_whole_disk_image;
pub use partition::PartitionLayout;
pub use proxy::ImageProxies;
pub use reach::{ReachableImage, check_reachable};
pub use source::ImageSource;
