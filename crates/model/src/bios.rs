//! BIOS settings of nodes.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// A setting as a BMC tells it; its name is the key it is found by.
///
/// Source: Ironic API reference, "Node BIOS"; everything but the value is from the BIOS attribute registry.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BiosSetting {
    /// Its value as text.
    pub value: Option<String>,
    /// `Enumeration`, `String`, `Integer`, `Boolean` or `Password`.
    pub attribute_type: Option<String>,
    /// Values that an enumeration allows.
    pub allowable_values: Option<Vec<String>>,
    /// Smallest number allowed.
    pub lower_bound: Option<i64>,
    /// Largest number allowed.
    pub upper_bound: Option<i64>,
    /// Fewest characters allowed.
    pub min_length: Option<i64>,
    /// Most characters allowed.
    pub max_length: Option<i64>,
    /// Whether it cannot be changed.
    pub read_only: Option<bool>,
    /// Whether a change needs a reboot.
    pub reset_required: Option<bool>,
    /// Whether it is specific to this server.
    pub unique: Option<bool>,
}

/// Settings by name.
pub type BiosSettings = BTreeMap<String, BiosSetting>;

/// A setting as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownBiosSetting {
    /// The setting.
    #[serde(flatten)]
    pub setting: BiosSetting,
    /// When it was first seen.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it was last seen to have changed.
    #[serde(with = "time::serde::rfc3339::option")]
    pub updated_at: Option<OffsetDateTime>,
}

/// Remembered settings by name.
pub type KnownBiosSettings = BTreeMap<String, KnownBiosSetting>;

/// What is known after all settings were read: those that were not read are gone.
pub fn remember(mut known: KnownBiosSettings, read: &BiosSettings, now: OffsetDateTime) -> KnownBiosSettings {
    let remembered = |(name, setting): (&String, &BiosSetting)| {
        let next = match known.remove(name) {
            Some(same) if same.setting == *setting => same,
            Some(old) => KnownBiosSetting { setting: setting.clone(), updated_at: Some(now), ..old },
            None => KnownBiosSetting { setting: setting.clone(), created_at: now, updated_at: None },
        };
        (name.clone(), next)
    };
    read.iter().map(remembered).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::Duration;

    fn read(rows: &[(&str, &str)]) -> BiosSettings {
        let setting =
            |value: &&str| BiosSetting { value: Some((*value).to_owned()), ..BiosSetting::default() };
        rows.iter().map(|(name, value)| ((*name).to_owned(), setting(value))).collect()
    }

    #[test]
    fn only_what_changed_gets_a_new_time_and_what_is_gone_is_forgotten() {
        let first = OffsetDateTime::UNIX_EPOCH;
        let later = first + Duration::hours(1);
        let known = remember(BTreeMap::new(), &read(&[("a", "1"), ("b", "1"), ("c", "1")]), first);
        let known = remember(known, &read(&[("a", "1"), ("b", "2"), ("d", "1")]), later);
        let times: Vec<_> = known.iter().map(|(n, s)| (n.as_str(), s.created_at, s.updated_at)).collect();
        assert_eq!(times, [("a", first, None), ("b", first, Some(later)), ("d", later, None)]);
        let stored = serde_json::to_string(&known).unwrap();
        assert_eq!(serde_json::from_str::<KnownBiosSettings>(&stored).unwrap(), known);
    }
}
