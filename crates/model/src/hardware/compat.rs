//! Which implementations each hardware type supports, most preferred first.
//!
//! Source: `contract: hardware-interfaces` section 1. A conductor enables a subset of these.

use super::InterfaceKind::{self, *};

/// A hardware type and what it supports.
#[derive(Debug)]
pub struct HardwareTypeRow {
    /// Its name, as in the node's field `driver`.
    pub name: &'static str,
    /// Supported implementations by kind of interface, most preferred first.
    pub interfaces: [(InterfaceKind, &'static [&'static str]); 13],
}

/// Every hardware type that this version knows. Where Ironic supports more, this version has no implementation of it.
#[rustfmt::skip]
pub const HARDWARE_TYPES: [HardwareTypeRow; 4] = [
    HardwareTypeRow {
        name: "fake-hardware",
        interfaces: [
            (Bios, &["fake", "no-bios"]),
            (Boot, &["fake", "ipxe", "pxe", "http-ipxe", "http"]),
            (Console, &["fake", "no-console"]),
            (Deploy, &["fake", "direct", "autodetect", "ramdisk", "bootc", "custom-agent", "anaconda"]),
            (Firmware, &["fake", "no-firmware"]),
            (Inspect, &["fake", "agent", "no-inspect"]),
            (Management, &["fake"]),
            (Network, &["flat", "neutron", "noop"]),
            (Power, &["fake"]),
            (Raid, &["fake", "no-raid", "agent"]),
            (Rescue, &["fake", "no-rescue", "agent"]),
            (Storage, &["noop", "fake"]),
            (Vendor, &["fake", "no-vendor"]),
        ],
    },
    HardwareTypeRow {
        name: "ipmi",
        interfaces: [
            (Bios, &["no-bios"]),
            (Boot, &["ipxe", "pxe", "http-ipxe", "http"]),
            (Console, &["no-console", "ipmitool-socat"]),
            (Deploy, &["direct", "autodetect", "ramdisk", "bootc", "custom-agent", "anaconda"]),
            (Firmware, &["no-firmware"]),
            (Inspect, &["agent", "no-inspect"]),
            (Management, &["ipmitool", "noop"]),
            (Network, &["flat", "neutron", "noop"]),
            (Power, &["ipmitool"]),
            (Raid, &["no-raid", "agent"]),
            (Rescue, &["no-rescue", "agent"]),
            (Storage, &["noop"]),
            (Vendor, &["ipmitool", "no-vendor"]),
        ],
    },
    HardwareTypeRow {
        name: "manual-management",
        interfaces: [
            (Bios, &["no-bios"]),
            (Boot, &["ipxe", "pxe", "http-ipxe", "http"]),
            (Console, &["no-console"]),
            (Deploy, &["direct", "autodetect", "ramdisk", "bootc", "custom-agent", "anaconda", "noop"]),
            (Firmware, &["no-firmware"]),
            (Inspect, &["agent", "no-inspect"]),
            (Management, &["noop", "fake"]),
            (Network, &["flat", "neutron", "noop"]),
            (Power, &["fake"]),
            (Raid, &["no-raid", "agent"]),
            (Rescue, &["no-rescue", "agent"]),
            (Storage, &["noop"]),
            (Vendor, &["no-vendor"]),
        ],
    },
    HardwareTypeRow {
        name: "redfish",
        interfaces: [
            (Bios, &["redfish", "no-bios"]),
            (Boot, &["redfish-virtual-media", "redfish-https", "ipxe", "pxe", "http-ipxe", "http"]),
            (Console, &["no-console", "ipmitool-socat"]),
            (Deploy, &["direct", "autodetect", "ramdisk", "bootc", "custom-agent", "anaconda"]),
            (Firmware, &["redfish", "no-firmware"]),
            (Inspect, &["redfish", "agent", "no-inspect"]),
            (Management, &["redfish"]),
            (Network, &["flat", "neutron", "noop"]),
            (Power, &["redfish"]),
            (Raid, &["redfish", "no-raid", "agent"]),
            (Rescue, &["no-rescue", "agent"]),
            (Storage, &["noop"]),
            (Vendor, &["redfish", "no-vendor"]),
        ],
    },
];

/// The row of a hardware type.
pub fn find_hardware_type(name: &str) -> Option<&'static HardwareTypeRow> {
    HARDWARE_TYPES.iter().find(|row| row.name == name)
}

impl HardwareTypeRow {
    /// What the type supports for one kind.
    pub fn supported(&self, kind: InterfaceKind) -> &'static [&'static str] {
        self.interfaces.iter().find(|row| row.0 == kind).map_or(&[], |row| row.1)
    }

    /// How far down the list of preferences an implementation stands; none if the type does not support it.
    pub fn preference(&self, kind: InterfaceKind, name: &str) -> Option<usize> {
        self.supported(kind).iter().position(|known| *known == name)
    }
}
