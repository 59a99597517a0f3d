//! Source: Bios and AttributeRegistry schemas.

use crate::client::{Resource, json};
use ferric_model::bios::{BiosSetting, BiosSettings};
use serde_json::{Map, Value};

/// The BIOS settings of a system.
#[derive(Debug, Clone)]
pub struct Bios(pub Resource);

/// The registry that describes them.
#[derive(Debug, Clone)]
pub struct AttributeRegistry(pub Resource);

impl Bios {
    /// The settings in force, by name.
    pub fn attributes(&self) -> Option<&Map<String, Value>> {
        json::at(&self.0.body, &["Attributes"])?.as_object()
    }

    /// Where settings for the next boot are written.
    pub fn settings_object(&self) -> Option<&str> {
        json::link(&self.0.body, &["@Redfish.Settings", "SettingsObject"])
    }

    /// Whether the BMC says that settings may be applied then.
    pub fn applies_at(&self, time: &str) -> bool {
        json::texts(&self.0.body, &["@Redfish.Settings", "SupportedApplyTimes"]).contains(&time)
    }

    /// Which registry describes them.
    pub fn registry(&self) -> Option<&str> {
        json::text(&self.0.body, &["AttributeRegistry"])
    }

    /// The action that brings the defaults back.
    pub fn reset(&self) -> Option<super::Action> {
        super::Action::find(&self.0, "#Bios.ResetBios", "")
    }

    /// What Ironic keeps of each setting.
    pub fn settings(&self, registry: Option<&AttributeRegistry>) -> BiosSettings {
        let rows = self.attributes().into_iter().flatten();
        rows.map(|(name, value)| {
            let described = registry.and_then(|registry| registry.entry(name)).map(describe);
            let value = Some(plain(value)).filter(|_| !value.is_null());
            (name.clone(), BiosSetting { value, ..described.unwrap_or_default() })
        })
        .collect()
    }
}

impl AttributeRegistry {
    fn entry(&self, name: &str) -> Option<&Value> {
        let entries = json::list(&self.0.body, &["RegistryEntries", "Attributes"]);
        entries.iter().find(|entry| json::text(entry, &["AttributeName"]) == Some(name))
    }
}

fn describe(entry: &Value) -> BiosSetting {
    let number = |key| json::number(entry, &[key]).map(|number| number as i64);
    let values: Vec<String> = json::list(entry, &["Value"])
        .iter()
        .filter_map(|value| json::text(value, &["ValueName"]))
        .map(str::to_owned)
        .collect();
    BiosSetting {
        value: None,
        attribute_type: json::text(entry, &["Type"]).map(str::to_owned),
        allowable_values: Some(values).filter(|values| !values.is_empty()),
        lower_bound: number("LowerBound"),
        upper_bound: number("UpperBound"),
        min_length: number("MinLength"),
        max_length: number("MaxLength"),
        read_only: json::flag(entry, &["ReadOnly"]),
        reset_required: json::flag(entry, &["ResetRequired"]),
        unique: json::flag(entry, &["IsSystemUniqueProperty"]),
    }
}

/// A value as text.
pub fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
