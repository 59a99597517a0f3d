//! What an operator may decide about inspection.

use super::hooks::{HOOKS, Hook};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;

/// Section `control.inspection` of the configuration.
///
/// Source: `contract: config-defaults`, section `inspector`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InspectionSettings {
    /// Hooks that work on what ramdisks find, in this order.
    pub hooks: HookNames,
    /// Hooks that work on what BMCs tell, in this order.
    pub out_of_band_hooks: HookNames,
    /// For which cards ports are created.
    pub add_ports: AddPorts,
    /// Which ports stay.
    pub keep_ports: KeepPorts,
    /// Whether `pxe_enabled` of the ports that there are already is set anew.
    pub update_pxe_enabled: bool,
    /// Flags of processors and the capabilities that they make.
    pub cpu_capabilities: BTreeMap<String, String>,
    /// Kinds of PCI devices that are counted as capabilities.
    pub pci_device_alias: Vec<PciAlias>,
    /// Physical networks by their address ranges, such as `10.0.0.0/16`.
    pub physical_network_cidr_map: BTreeMap<String, String>,
    /// Whether data of the extra-hardware collector that cannot be read is dropped.
    pub extra_hardware_strict: bool,
    /// Whether a GiB of the root device is left for partition tables.
    pub disk_partitioning_spacing: bool,
}

/// A kind of PCI devices.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct PciAlias {
    /// Name of the capability.
    pub name: String,
    /// Vendor, four hexadecimal digits.
    pub vendor_id: String,
    /// Product, four hexadecimal digits.
    pub product_id: String,
}

/// For which cards ports are created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AddPorts {
    /// The one that the ramdisk was booted over; those with an address when that is not known.
    Pxe,
    /// Those with an address.
    Active,
    /// All.
    All,
    /// None.
    Disabled,
}

/// Which ports stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeepPorts {
    /// All.
    All,
    /// Those of cards that were found.
    Present,
    /// Those of cards for which ports are created.
    Added,
}

/// Names of hooks, each known; a list, or one text with commas.
#[derive(Clone, Deserialize)]
#[serde(try_from = "Given")]
pub struct HookNames(Vec<&'static Hook>);

#[derive(Deserialize)]
#[serde(untagged)]
enum Given {
    List(Vec<String>),
    Text(String),
}

impl TryFrom<Given> for HookNames {
    type Error = String;

    fn try_from(given: Given) -> Result<Self, String> {
        let names = match given {
            Given::List(names) => names,
            Given::Text(text) => text.split(',').map(|name| name.trim().to_owned()).collect(),
        };
        names.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>().try_into()
    }
}

impl fmt::Debug for HookNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|hook| hook.name)).finish()
    }
}

impl HookNames {
    /// The hooks, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &'static Hook> {
        self.0.iter().copied()
    }
}

impl TryFrom<Vec<String>> for HookNames {
    type Error = String;

    fn try_from(names: Vec<String>) -> Result<Self, String> {
        let mut hooks: Vec<&'static Hook> = Vec::new();
        for name in names {
            let known = || HOOKS.iter().map(|hook| hook.name).collect::<Vec<_>>().join(", ");
            let hook = HOOKS
                .iter()
                .find(|hook| hook.name == name)
                .ok_or_else(|| format!("there is no inspection hook '{name}'; there are {}", known()))?;
            if let Some(needed) = hook.after.filter(|needed| !hooks.iter().any(|hook| hook.name == *needed)) {
                return Err(format!("the inspection hook '{name}' must stand after '{needed}'"));
            }
            hooks.push(hook);
        }
        Ok(Self(hooks))
    }
}

impl Default for InspectionSettings {
    fn default() -> Self {
        let named =
            |names: &[&str]| HookNames(HOOKS.iter().filter(|hook| names.contains(&hook.name)).collect());
        let capabilities = [
            ("vmx", "cpu_vt"),
            ("svm", "cpu_vt"),
            ("aes", "cpu_aes"),
            ("pse", "cpu_hugepages"),
            ("pdpe1gb", "cpu_hugepages_1g"),
            ("smx", "cpu_txt"),
        ];
        Self {
            hooks: named(&["ramdisk-error", "validate-interfaces", "ports", "architecture"]),
            out_of_band_hooks: named(&["validate-interfaces", "ports", "architecture"]),
            add_ports: AddPorts::Pxe,
            keep_ports: KeepPorts::All,
            update_pxe_enabled: true,
            cpu_capabilities: capabilities
                .into_iter()
                .map(|(flag, capability)| (flag.to_owned(), capability.to_owned()))
                .collect(),
            pci_device_alias: Vec::new(),
            physical_network_cidr_map: BTreeMap::new(),
            extra_hardware_strict: false,
            disk_partitioning_spacing: true,
        }
    }
}

/// Section `control.auto_discovery` of the configuration.
///
/// Source: `contract: config-defaults`, section `auto_discovery`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AutoDiscoverySettings {
    /// Whether inspection data of unknown hardware enrolls a node.
    pub enabled: bool,
    /// Hardware type of such nodes.
    pub driver: Option<String>,
    /// A word that inspection rules find as `plugin_data[inspection_scope]`.
    pub inspection_scope: Option<String>,
}
