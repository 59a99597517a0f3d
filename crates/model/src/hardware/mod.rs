//! Names of hardware types and interfaces, and which go together: data that API pods share with conductors.

mod boot_devices;
mod compat;
mod defaults;
mod interface;
mod ipmi_info;
mod raid;
mod validate;

pub use boot_devices::supported_boot_devices;
pub use compat::{HARDWARE_TYPES, HardwareTypeRow, find_hardware_type};
pub use defaults::{InterfaceError, resolve_interfaces};
pub use interface::InterfaceKind;
pub use ipmi_info::{check_ipmi_info, ipmi_properties, ipmi_text};
pub use raid::{LOGICAL_DISK_PROPERTIES, RAID_CONFIG, check_raid_config};
pub use validate::validate_interface;

use crate::node::Node;

/// Boot interfaces that hand parameters to the ramdisk in a way no other node can read, so that the agent's token can
/// be made before the boot.
pub const PARAMETER_CARRYING_BOOT: [&str; 2] = ["redfish-virtual-media", "redfish-https"];

/// Boot interfaces by which a node looks for what it is to boot by the address of its network card.
pub const NETWORK_BOOT: [&str; 4] = ["ipxe", "pxe", "http", "http-ipxe"];

/// Deploy interfaces whose instances boot from the network or from media at every start, never from a disk.
pub const DISKLESS_DEPLOY: [&str; 1] = ["ramdisk"];

/// Whether the node's instance boots from its disk.
///
/// Source: `contract: boot-and-images` section 1, `boot_option`.
pub fn boots_from_disk(node: &Node) -> bool {
    let deploy = node.spec.interfaces.get(&InterfaceKind::Deploy);
    !deploy.is_some_and(|deploy| DISKLESS_DEPLOY.contains(&deploy.as_str()))
}

/// Prefix of implementations that do nothing.
pub const NO_OP_PREFIX: &str = "no-";
