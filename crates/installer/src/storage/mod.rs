//! A dry run of the disk layout that a kickstart file asks for, on the disks that inspection found.
//!
//! What is refused certainly cannot be made: where the installer decides more cleverly than this knows, the benefit of the
//! doubt is the layout's. Disks are taken as empty; sizes are MiB.

mod disk;
mod place;
mod simulate;
mod volumes;

pub use disk::{Disk, disks};
pub use simulate::simulate;
