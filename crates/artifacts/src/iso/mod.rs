//! ISO 9660 images that are computed, never stored.

mod boot_iso;
mod byte_range;
mod descriptor;
mod esp;
mod grub;
mod image;
mod layout;
mod name;
mod planner;
mod reader;
mod record;
mod tree;

pub use boot_iso::{BootIso, BootIsoSpec};
pub use byte_range::ByteRange;
pub(crate) use grub::words as grub_words;
pub(crate) use layout::{Layout, LayoutSpec};
pub use planner::IsoPlanner;
pub(crate) use reader::read_files;
