//! The boot device: parameter 5 of the system boot options, read and written as bytes.
//!
//! The words of `ipmitool` for it are not used: `chassis bootdev` ends well even when the BMC refuses, and knows no UEFI.
//!
//! Source: IPMI 2.0, section 28.12 and 28.13, table 28-14.

use crate::error::IpmiError;
use crate::tool::{Bmc, Command};
use ferric_hardware::interface::BootDevice;
use ferric_hardware::{HardwareError, TaskView};
use ferric_model::JsonMap;
use ferric_model::hardware::supported_boot_devices;
use ferric_model::node::Node;
use serde_json::{Value, json};

/// Key of `driver_internal_info` under which a boot device is remembered that is set again before each power on.
const REMEMBERED: &str = "ipmi_boot_device";

/// Ironic's word and the selector of each device, as it stands in the second byte.
const SELECTORS: [(&str, u8); 5] =
    [("pxe", 0x04), ("disk", 0x08), ("safe", 0x0c), ("cdrom", 0x14), ("bios", 0x18)];

/// Vendors whose firmware wants another selector when it boots by UEFI.
///
/// Source: `contract: hardware-interfaces` section 6.
const UEFI_SELECTORS: [(&str, &str, u8); 1] = [("supermicro", "disk", 0x24)];

/// Bits of the first byte.
const VALID: u8 = 0x80;
const PERSISTENT: u8 = 0x40;
const UEFI: u8 = 0x20;

/// Bits of the second byte that hold the selector.
const SELECTOR: u8 = 0x3c;

/// Tells the BMC to keep the parameters if they are not used within 60 seconds.
const KEEP: Command<'static> = Command::harmless(&["raw", "0x00", "0x08", "0x03", "0x08"]);

const READ: Command<'static> = Command::harmless(&["raw", "0x00", "0x09", "0x05", "0x00", "0x00"]);

/// Reads the boot device.
pub async fn get(bmc: &Bmc) -> Result<BootDevice, IpmiError> {
    let answer = bmc.ask(READ).await?;
    let bytes: Option<Vec<u8>> =
        answer.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).ok()).collect();
    match bytes.as_deref() {
        // Version and parameter number come first.
        Some([_, _, flags, device, ..]) => Ok(understood(*flags, *device)),
        _ => Err(IpmiError::Nonsense { command: READ.to_string(), said: answer }),
    }
}

fn understood(flags: u8, device: u8) -> BootDevice {
    let selector = device & SELECTOR;
    let word = SELECTORS
        .iter()
        .map(|(word, selector)| (*word, *selector))
        .chain(UEFI_SELECTORS.iter().map(|(_, word, selector)| (*word, *selector)))
        .find(|row| row.1 == selector)
        .map(|row| row.0.to_owned());
    let persistent = word.is_some().then_some(flags & PERSISTENT != 0);
    BootDevice { boot_device: word, persistent }
}

/// Sets the boot device; gives the merge patch of `driver_internal_info`.
///
/// **Errors**: `InvalidParameter` for a device that is not supported.
pub async fn set(node: &Node, bmc: &Bmc, device: &str, persistent: bool) -> Result<JsonMap, HardwareError> {
    write(node, bmc, device, persistent).await?;
    let mut patch = JsonMap::new();
    if bmc.access.force_boot_device && persistent {
        patch.insert(REMEMBERED.to_owned(), json!(device));
    } else if node.status.driver_internal_info.contains_key(REMEMBERED) {
        patch.insert(REMEMBERED.to_owned(), Value::Null);
    }
    Ok(patch)
}

/// Sets the remembered boot device again, if there is one.
pub async fn reapply(task: &TaskView, bmc: &Bmc) -> Result<(), HardwareError> {
    match task.internal_str(REMEMBERED) {
        Some(device) if bmc.access.force_boot_device => write(&task.node, bmc, device, true).await,
        _ => Ok(()),
    }
}

async fn write(node: &Node, bmc: &Bmc, device: &str, persistent: bool) -> Result<(), HardwareError> {
    let uefi = boots_by_uefi(node);
    let selector = selector(node, device, uefi).ok_or_else(|| {
        HardwareError::invalid(
            format!("Invalid boot device {device} specified."),
            format!("choose one of {}", supported_boot_devices("ipmitool").join(", ")),
        )
    })?;
    let keep = bmc.access.disable_boot_timeout.unwrap_or(bmc.config().disable_boot_timeout);
    if keep {
        match bmc.ask(KEEP).await {
            Ok(_) => {}
            Err(error @ IpmiError::Refused { .. }) => {
                tracing::debug!(bmc = bmc.access.lane, %error, "the BMC cannot keep a boot device for longer");
            }
            Err(error) => return Err(error.into()),
        }
    }
    let flags = VALID | if persistent { PERSISTENT } else { 0 } | if uefi { UEFI } else { 0 };
    let (flags, selector) = (format!("{flags:#04x}"), format!("{selector:#04x}"));
    let words = ["raw", "0x00", "0x08", "0x05", &flags, &selector, "0x00", "0x00", "0x00"];
    bmc.ask(Command::harmless(&words)).await?;
    Ok(())
}

fn selector(node: &Node, device: &str, uefi: bool) -> Option<u8> {
    let vendor = node.spec.properties.get("vendor").and_then(Value::as_str).unwrap_or_default();
    let special = UEFI_SELECTORS
        .iter()
        .find(|row| uefi && vendor.eq_ignore_ascii_case(row.0) && row.1 == device)
        .map(|row| row.2);
    special.or_else(|| SELECTORS.iter().find(|row| row.0 == device).map(|row| row.1))
}

/// The mode that the node is to boot in; nobody tells it over IPMI.
fn boots_by_uefi(node: &Node) -> bool {
    let wanted = node.capability("boot_mode");
    wanted.as_deref().or(node.status.boot_mode.as_deref()).is_none_or(|mode| mode != "bios")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferric_model::lifecycle::ProvisionState;

    #[test]
    fn every_supported_device_has_a_selector_that_is_understood_again() {
        let now = time::OffsetDateTime::UNIX_EPOCH;
        let mut node = Node::new(uuid::Uuid::nil(), "ipmi", ProvisionState::Enroll, now);
        for vendor in ["anybody", "Supermicro"] {
            node.spec.properties.insert("vendor".into(), vendor.into());
            for device in supported_boot_devices("ipmitool") {
                let selector = selector(&node, device, true).unwrap();
                let read = understood(VALID | PERSISTENT, selector);
                assert_eq!(read.boot_device.as_deref(), Some(*device));
                assert_eq!(read.persistent, Some(true));
            }
        }
        assert_eq!(selector(&node, "disk", true), Some(0x24));
        assert_eq!(selector(&node, "disk", false), Some(0x08));
        assert_eq!(selector(&node, "floppy", true), None);
        assert_eq!(understood(0, 0), BootDevice::default());
    }
}
