//! Boot over the network: the scripts of iPXE, pxelinux and grub, and under which names these look for them.

mod names;
mod quote;
mod scripts;

pub use names::{MacFile, Menu, grub_entry_config, ipxe_entry_script};
pub use scripts::{NetBoot, SanBoot};
