//! Boot over the network: the scripts of iPXE and pxelinux.

mod netboot;
mod quote;

pub use netboot::{NetBoot, ipxe_entry_script, ipxe_file_name, pxelinux_file_name};
