//! Ramdisks with files of the node's own behind them.
//!
//! The kernel unpacks the archives of an initrd one after the other, so that an archive appended to a ramdisk that
//! somebody else made adds files to it.
//!
//! Source: Linux, `Documentation/driver-api/early-userspace/buffer-format.rst`.

mod cpio;
mod overlay;

pub(crate) use overlay::appended;
pub use overlay::{Overlay, plan};
