//! What an operator enables of the hardware types and interfaces that a build has.

use crate::registry::HardwareType;
use ferric_model::hardware::{InterfaceKind, find_hardware_type};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::collections::{BTreeMap, BTreeSet};

/// Section `hardware` of the configuration.
///
/// **Shape**: `enabled_hardware_types`, and for each kind `enabled_<kind>_interfaces` and `default_<kind>_interface`; a list
/// may also be one text with commas.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Enabled {
    /// Hardware types; all there are if empty.
    pub types: Vec<String>,
    /// Implementations by kind; all there are if absent or empty.
    pub interfaces: BTreeMap<InterfaceKind, Vec<String>>,
    /// What nodes get that name no implementation, where their hardware type has it enabled.
    pub defaults: BTreeMap<InterfaceKind, String>,
}

/// Why something cannot be enabled; the text names the key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnableError {
    /// There is no such hardware type or interface.
    #[error(
        "the key 'hardware.{key}' names '{name}', which is not there; this version, as it is configured, has: {known}"
    )]
    Unknown {
        /// The key within the section.
        key: String,
        /// What it names.
        name: String,
        /// What there is, separated by commas.
        known: String,
    },
    /// An enabled hardware type is left without an interface of a kind.
    #[error(
        "hardware type '{driver}' is enabled but none of its {kind} interfaces; add one of these to the key \
         'hardware.enabled_{kind}_interfaces': {supported}"
    )]
    NothingLeft {
        /// The hardware type.
        driver: String,
        /// The kind.
        kind: InterfaceKind,
        /// What the type has, separated by commas.
        supported: String,
    },
}

impl Enabled {
    /// Takes out of `types` what is not enabled.
    pub(crate) fn apply(&self, types: &mut BTreeMap<&'static str, HardwareType>) -> Result<(), EnableError> {
        let known: BTreeSet<&'static str> = types.keys().copied().collect();
        refuse_unknown("enabled_hardware_types", &self.types, &known)?;
        for (kind, names) in &self.interfaces {
            refuse_unknown(&format!("enabled_{kind}_interfaces"), names, &implementations(types, *kind))?;
        }
        types.retain(|name, _| self.types.is_empty() || self.types.iter().any(|enabled| enabled == name));
        for (name, hardware_type) in types.iter_mut() {
            for kind in InterfaceKind::ALL {
                self.narrow(name, hardware_type, kind)?;
            }
        }
        for (kind, name) in &self.defaults {
            let known = implementations(types, *kind);
            refuse_unknown(&format!("default_{kind}_interface"), std::slice::from_ref(name), &known)?;
        }
        Ok(())
    }

    /// The default first, then by the type's own preference.
    fn narrow(
        &self,
        driver: &str,
        hardware_type: &mut HardwareType,
        kind: InterfaceKind,
    ) -> Result<(), EnableError> {
        let supported = hardware_type.names(kind);
        let row = find_hardware_type(driver);
        let default = self.defaults.get(&kind).map(String::as_str);
        let enabled = self.interfaces.get(&kind).map(Vec::as_slice).unwrap_or_default();
        hardware_type.choose(kind, &|name| {
            if !enabled.is_empty() && !enabled.iter().any(|enabled| enabled == name) {
                return None;
            }
            let preference = row.and_then(|row| row.preference(kind, name)).unwrap_or(usize::MAX - 1);
            Some(if default == Some(name) { 0 } else { preference + 1 })
        });
        if hardware_type.names(kind).is_empty() {
            let supported = supported.join(", ");
            return Err(EnableError::NothingLeft { driver: driver.to_owned(), kind, supported });
        }
        Ok(())
    }
}

/// What there is of a kind in any of the hardware types.
fn implementations(
    types: &BTreeMap<&'static str, HardwareType>,
    kind: InterfaceKind,
) -> BTreeSet<&'static str> {
    types.values().flat_map(|hardware_type| hardware_type.names(kind)).collect()
}

fn refuse_unknown(key: &str, names: &[String], known: &BTreeSet<&'static str>) -> Result<(), EnableError> {
    match names.iter().find(|name| !known.contains(name.as_str())) {
        Some(name) => Err(EnableError::Unknown {
            key: key.to_owned(),
            name: name.clone(),
            known: known.iter().copied().collect::<Vec<_>>().join(", "),
        }),
        None => Ok(()),
    }
}

impl<'de> Deserialize<'de> for Enabled {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Given {
            List(Vec<String>),
            Text(String),
        }
        let mut enabled = Self::default();
        for (key, given) in BTreeMap::<String, Given>::deserialize(deserializer)? {
            let names: Vec<String> = match given {
                Given::List(list) => list,
                Given::Text(text) => text.split(',').map(|name| name.trim().to_owned()).collect(),
            };
            let names: Vec<String> = names.into_iter().filter(|name| !name.is_empty()).collect();
            let kind_in =
                |prefix, suffix| key.strip_prefix(prefix)?.strip_suffix(suffix).and_then(InterfaceKind::find);
            if key == "enabled_hardware_types" {
                enabled.types = names;
            } else if let Some(kind) = kind_in("enabled_", "_interfaces") {
                if !names.is_empty() {
                    enabled.interfaces.insert(kind, names);
                }
            } else if let Some(kind) = kind_in("default_", "_interface") {
                enabled.defaults.extend(names.into_iter().next().map(|name| (kind, name)));
            } else {
                return Err(D::Error::custom(format!("the key 'hardware.{key}' is unknown")));
            }
        }
        Ok(enabled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network_boot::{NetworkBootConfig, network_boot};
    use crate::registry::{Generic, Registry};
    use crate::{fake, manual};
    use serde_json::json;

    fn enable(section: serde_json::Value) -> Result<Registry, EnableError> {
        let enabled: Enabled = serde_json::from_value(section).unwrap();
        let boot = network_boot(&NetworkBootConfig::default());
        let generic = Generic { boot, ..Generic::default() };
        let all = Registry::default()
            .with(fake::hardware_type(generic.clone()))
            .with(manual::hardware_type(generic));
        all.enable(&enabled)
    }

    fn names(registry: &Registry, driver: &str, kind: InterfaceKind) -> Vec<String> {
        registry.offers()[driver].interfaces[&kind].clone()
    }

    #[test]
    fn without_a_word_everything_is_enabled_in_the_order_of_the_table() {
        let registry = enable(json!({"enabled_hardware_types": [], "enabled_bios_interfaces": ""})).unwrap();
        for hardware_type in registry.types() {
            let row = find_hardware_type(hardware_type.name).unwrap();
            for kind in InterfaceKind::ALL {
                let names = hardware_type.names(kind);
                let supported: Vec<&str> =
                    row.supported(kind).iter().copied().filter(|name| names.contains(name)).collect();
                assert_eq!(names, supported, "{} {kind}", hardware_type.name);
            }
        }
    }

    #[test]
    fn what_is_not_named_is_gone_and_the_default_comes_first() {
        use InterfaceKind::{Console, Management, Raid};
        let registry = enable(json!({
            "enabled_hardware_types": "fake-hardware, manual-management",
            "enabled_console_interfaces": ["no-console"],
            "default_raid_interface": "no-raid",
        }))
        .unwrap();
        assert_eq!(names(&registry, "fake-hardware", Console), ["no-console"]);
        assert_eq!(names(&registry, "fake-hardware", Raid), ["no-raid", "fake"]);
        assert_eq!(names(&registry, "manual-management", Management), ["noop", "fake"]);

        let registry = enable(json!({"enabled_hardware_types": ["manual-management"]})).unwrap();
        assert_eq!(registry.types().count(), 1);
    }

    #[test]
    fn a_mistake_names_its_key() {
        for (section, key) in [
            (json!({"enabled_hardware_types": ["warp"]}), "'hardware.enabled_hardware_types'"),
            (json!({"enabled_boot_interfaces": ["fake", "warp"]}), "'hardware.enabled_boot_interfaces'"),
            (json!({"enabled_boot_interfaces": ["fake"]}), "'hardware.enabled_boot_interfaces'"),
            (json!({"default_power_interface": "warp"}), "'hardware.default_power_interface'"),
            (
                json!({"enabled_raid_interfaces": ["no-raid"], "default_raid_interface": "fake"}),
                "'hardware.default_raid_interface'",
            ),
        ] {
            let error = enable(section).expect_err(key).to_string();
            assert!(error.contains(key), "{error}");
        }
        assert!(serde_json::from_value::<Enabled>(json!({"enabled_warp_interfaces": []})).is_err());
    }
}
