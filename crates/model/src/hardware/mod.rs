//! Names of hardware types and interfaces, and which go together: data that API pods share with conductors.

mod boot_devices;
mod compat;
mod defaults;
mod facts;
mod interface;
mod ipmi_info;
mod raid;
mod removed;
mod validate;
mod vmedia;

pub use boot_devices::supported_boot_devices;
pub use compat::{HARDWARE_TYPES, HardwareTypeRow, find_hardware_type};
pub use defaults::{InterfaceError, resolve_interfaces};
pub use facts::HardwareFacts;
pub use interface::InterfaceKind;
pub use ipmi_info::{check_ipmi_info, ipmi_properties, ipmi_text};
pub use raid::{LOGICAL_DISK_PROPERTIES, RAID_CONFIG, check_raid_config};
pub use removed::{
    REMOVED_INTERFACES, REMOVED_TYPES, RemovedInterface, RemovedType, find_removed_interface,
    find_removed_type,
};
pub use validate::validate_interface;
pub use vmedia::{VMEDIA_ROWS, VmediaCount, VmediaOutcome, VmediaRow, VmediaVerdict, vmedia_rows};

/// Boot interfaces that hand parameters to the ramdisk in a way no other node can read, so that the agent's token can
/// be made before the boot.
pub const PARAMETER_CARRYING_BOOT: [&str; 2] = ["redfish-virtual-media", "redfish-https"];

/// Boot interfaces by which a node looks for what it is to boot by the address of its network card.
pub const NETWORK_BOOT: [&str; 4] = ["ipxe", "pxe", "http", "http-ipxe"];

/// Prefix of implementations that do nothing.
pub const NO_OP_PREFIX: &str = "no-";
