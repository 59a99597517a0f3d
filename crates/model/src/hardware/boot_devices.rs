//! Which boot devices each implementation of the management interface can set.
//!
//! Source: `contract: hardware-interfaces` section 3.

/// Implementations and their devices, in Ironic's words.
const DEVICES: [(&str, &[&str]); 4] = [
    ("fake", &["pxe"]),
    ("ipmitool", &["pxe", "disk", "cdrom", "bios", "safe"]),
    ("noop", &["pxe", "disk"]),
    ("redfish", &["pxe", "disk", "cdrom", "bios", "uefihttp"]),
];

/// The devices that a management interface can set; none for an unknown one.
pub fn supported_boot_devices(management: &str) -> &'static [&'static str] {
    DEVICES.iter().find(|row| row.0 == management).map_or(&[], |row| row.1)
}
