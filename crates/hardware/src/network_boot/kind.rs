//! How the boot interfaces differ.
//!
//! Source: `contract: boot-and-images` section 1.

/// A boot interface.
#[derive(Debug)]
pub(super) struct Kind {
    /// Its name.
    pub name: &'static str,
    /// Boot devices that make the node do it, the better one first.
    pub devices: &'static [&'static str],
    /// Whether the loader is iPXE, else grub or pxelinux.
    pub ipxe: bool,
    /// Whether the firmware fetches the loader by HTTP, else by TFTP.
    pub http: bool,
}

pub(super) const KINDS: [Kind; 4] = [
    Kind { name: "ipxe", devices: &["pxe"], ipxe: true, http: false },
    Kind { name: "pxe", devices: &["pxe"], ipxe: false, http: false },
    Kind { name: "http-ipxe", devices: &["uefihttp", "pxe"], ipxe: true, http: true },
    Kind { name: "http", devices: &["uefihttp", "pxe"], ipxe: false, http: true },
];
