//! Firmware components of nodes.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// A component as a BMC tells it; its name (`bios`, `bmc`, `nic:<id>`) is the key it is found by.
///
/// Source: Ironic API reference, "Node Firmware".
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FirmwareComponent {
    /// The version that runs.
    pub current_version: Option<String>,
    /// Who made it.
    pub vendor: Option<String>,
    /// What it is.
    pub model: Option<String>,
    /// Which one it is.
    pub serial_number: Option<String>,
}

/// Components by name.
pub type FirmwareComponents = BTreeMap<String, FirmwareComponent>;

/// A component as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownFirmwareComponent {
    /// The component.
    #[serde(flatten)]
    pub component: FirmwareComponent,
    /// The version that it was first seen with.
    pub initial_version: Option<String>,
    /// The version that it was last seen to have got in place of another.
    pub last_version_flashed: Option<String>,
    /// When it was first seen.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it was last seen to have changed.
    #[serde(with = "time::serde::rfc3339::option")]
    pub updated_at: Option<OffsetDateTime>,
}

/// Remembered components by name.
pub type KnownFirmwareComponents = BTreeMap<String, KnownFirmwareComponent>;

/// What is known after components were read: those that were not read stay as they were known, for some cannot be read at
/// all times.
pub fn remember(
    mut known: KnownFirmwareComponents,
    read: &FirmwareComponents,
    now: OffsetDateTime,
) -> KnownFirmwareComponents {
    for (name, component) in read {
        match known.get_mut(name) {
            Some(same) if same.component == *component => {}
            Some(old) => {
                if old.component.current_version != component.current_version {
                    old.last_version_flashed.clone_from(&component.current_version);
                }
                old.component.clone_from(component);
                old.updated_at = Some(now);
            }
            None => {
                let fresh = KnownFirmwareComponent {
                    component: component.clone(),
                    initial_version: component.current_version.clone(),
                    last_version_flashed: None,
                    created_at: now,
                    updated_at: None,
                };
                known.insert(name.clone(), fresh);
            }
        }
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::Duration;

    fn read(rows: &[(&str, &str)]) -> FirmwareComponents {
        let component = |version: &&str| FirmwareComponent {
            current_version: Some((*version).to_owned()),
            ..FirmwareComponent::default()
        };
        rows.iter().map(|(name, version)| ((*name).to_owned(), component(version))).collect()
    }

    #[test]
    fn the_first_version_stays_and_a_new_one_was_flashed() {
        let first = OffsetDateTime::UNIX_EPOCH;
        let later = first + Duration::hours(1);
        let known = remember(BTreeMap::new(), &read(&[("bios", "1"), ("bmc", "1")]), first);
        let known = remember(known, &read(&[("bmc", "2")]), later);
        assert_eq!((known["bios"].updated_at, &known["bios"].last_version_flashed), (None, &None));
        let bmc = &known["bmc"];
        assert_eq!((bmc.created_at, bmc.updated_at), (first, Some(later)));
        let versions = [&bmc.initial_version, &bmc.component.current_version, &bmc.last_version_flashed];
        assert_eq!(versions.map(|version| version.as_deref().unwrap()), ["1", "2", "2"]);
        let stored = serde_json::to_string(&known).unwrap();
        assert_eq!(serde_json::from_str::<KnownFirmwareComponents>(&stored).unwrap(), known);
    }
}
