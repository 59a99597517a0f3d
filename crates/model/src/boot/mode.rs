//! How a node's firmware starts what it boots.
//!
//! Source: `contract: boot-and-images` section 1.

use crate::JsonMap;
use crate::node::{Node, capability_in};
use serde_json::Value;
use std::fmt;

/// A boot mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BootMode {
    /// UEFI.
    Uefi,
    /// Legacy BIOS.
    Bios,
}

/// Why no boot mode can be chosen; for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BootModeError {
    /// A word that is no boot mode.
    #[error("{place} says boot mode '{word}'; it can be uefi or bios")]
    Unknown {
        /// Where it stands.
        place: &'static str,
        /// The word.
        word: String,
    },
    /// Two places that contradict each other.
    #[error(
        "the boot mode '{wanted}' that {place} asks for conflicts with '{fixed}' in the capabilities of the node's properties"
    )]
    Conflict {
        /// What was chosen.
        wanted: BootMode,
        /// Where that stands.
        place: &'static str,
        /// What the hardware is said to have.
        fixed: BootMode,
    },
}

impl BootMode {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Uefi, Self::Bios];

    /// Ironic's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Uefi => "uefi",
            Self::Bios => "bios",
        }
    }

    /// Reads the word.
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == text)
    }
}

impl fmt::Display for BootMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether the instance asks for secure boot.
pub fn secure_boot_wanted(node: &Node) -> bool {
    capability_in(&node.spec.instance_info, "secure_boot")
        .is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

/// The boot mode that the node is to have: what the instance asks for, else what the hardware is said to have, else what
/// was chosen before, else `default`.
///
/// **Errors**: words that are no modes, and an instance that asks for what the hardware is said not to have.
pub fn wanted_boot_mode(node: &Node, default: BootMode) -> Result<BootMode, BootModeError> {
    let (instance, properties) = (&node.spec.instance_info, &node.spec.properties);
    let fixed = read("properties.capabilities", capability_in(properties, "boot_mode"))?;
    let secure = secure_boot_wanted(node).then_some(BootMode::Uefi);
    let candidates = [
        ("instance_info.capabilities secure_boot", secure),
        (
            "instance_info.capabilities boot_mode",
            read("instance_info.capabilities", capability_in(instance, "boot_mode"))?,
        ),
        (
            "instance_info.deploy_boot_mode",
            read("instance_info.deploy_boot_mode", text(instance, "deploy_boot_mode"))?,
        ),
        ("properties.capabilities", fixed),
        (
            "driver_internal_info.deploy_boot_mode",
            read(
                "driver_internal_info.deploy_boot_mode",
                text(&node.status.driver_internal_info, "deploy_boot_mode"),
            )?,
        ),
    ];
    let chosen = candidates.into_iter().find_map(|(place, mode)| mode.map(|mode| (place, mode)));
    let Some((place, wanted)) = chosen else { return Ok(default) };
    match fixed {
        Some(fixed) if fixed != wanted => Err(BootModeError::Conflict { wanted, place, fixed }),
        _ => Ok(wanted),
    }
}

fn text(document: &JsonMap, key: &str) -> Option<String> {
    document.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn read(place: &'static str, word: Option<String>) -> Result<Option<BootMode>, BootModeError> {
    let Some(word) = word.filter(|word| !word.is_empty()) else { return Ok(None) };
    BootMode::find(&word.to_lowercase()).map(Some).ok_or(BootModeError::Unknown { place, word })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::ProvisionState;
    use serde_json::json;

    fn chosen(properties: Value, instance_info: Value, internal: Value) -> Result<BootMode, BootModeError> {
        let epoch = time::OffsetDateTime::UNIX_EPOCH;
        let mut node = Node::new(uuid::Uuid::nil(), "redfish", ProvisionState::Available, epoch);
        node.spec.properties = properties.as_object().cloned().unwrap_or_default();
        node.spec.instance_info = instance_info.as_object().cloned().unwrap_or_default();
        node.status.driver_internal_info = internal.as_object().cloned().unwrap_or_default();
        wanted_boot_mode(&node, BootMode::Uefi)
    }

    #[test]
    fn the_first_that_is_named_counts() {
        use BootMode::{Bios, Uefi};
        let none = json!({});
        let cases = [
            (none.clone(), none.clone(), none.clone(), Uefi),
            (none.clone(), none.clone(), json!({"deploy_boot_mode": "bios"}), Bios),
            (
                json!({"capabilities": "boot_mode:uefi"}),
                none.clone(),
                json!({"deploy_boot_mode": "bios"}),
                Uefi,
            ),
            (none.clone(), json!({"deploy_boot_mode": "bios"}), none.clone(), Bios),
            (
                none.clone(),
                json!({"deploy_boot_mode": "bios", "capabilities": {"boot_mode": "uefi"}}),
                none.clone(),
                Uefi,
            ),
            (
                none.clone(),
                json!({"deploy_boot_mode": "bios", "capabilities": "{\"secure_boot\": \"true\"}"}),
                none.clone(),
                Uefi,
            ),
            (
                none.clone(),
                json!({"deploy_boot_mode": "bios", "capabilities": {"secure_boot": "false"}}),
                none.clone(),
                Bios,
            ),
        ];
        for (properties, instance_info, internal, expected) in cases {
            let context = format!("{properties} {instance_info} {internal}");
            assert_eq!(chosen(properties, instance_info, internal), Ok(expected), "{context}");
        }
    }

    #[test]
    fn contradictions_and_unknown_words_are_refused() {
        let bios = json!({"capabilities": "boot_mode:bios,cpu_vt:true"});
        for instance in [
            json!({"capabilities": {"secure_boot": true}}),
            json!({"capabilities": {"boot_mode": "uefi"}}),
            json!({"deploy_boot_mode": "uefi"}),
        ] {
            let error = chosen(bios.clone(), instance.clone(), json!({})).unwrap_err();
            assert!(
                matches!(error, BootModeError::Conflict { fixed: BootMode::Bios, .. }),
                "{instance}: {error}"
            );
        }
        let error = chosen(json!({"capabilities": "boot_mode:efi"}), json!({}), json!({})).unwrap_err();
        assert_eq!(error.to_string(), "properties.capabilities says boot mode 'efi'; it can be uefi or bios");
    }
}
