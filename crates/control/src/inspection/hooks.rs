//! Hooks: what is made of inspection data, one row each. They are pure: what they change is written with the data.
//!
//! Source: `contract: hardware-interfaces` section 8, `contract: agent-protocol` section 7.

use super::settings::InspectionSettings;
use super::{devices, interfaces, links, properties};
use ferric_model::JsonMap;
use ferric_model::failure::code;
use ferric_model::node::Node;
use ferric_model::port::Port;
use ferric_model::report::Failure;
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

/// What becomes of inspection data.
#[derive(Debug)]
pub(crate) struct Inspected<'a> {
    /// What the operator decided.
    pub settings: &'a InspectionSettings,
    /// The node; its properties are completed.
    pub node: Node,
    /// What was found.
    pub inventory: JsonMap,
    /// What was collected besides.
    pub plugin_data: JsonMap,
    /// Whether the BMC told it and no ramdisk found it.
    pub out_of_band: bool,
    /// Addresses of ports that other nodes have.
    pub taken: Vec<String>,
    /// The cards that ports are made for.
    pub cards: Vec<Card>,
    /// The node's ports as they are to be; new ones have no row number.
    pub ports: Vec<Port>,
    /// Ports that go.
    pub gone: Vec<Uuid>,
    /// The present moment.
    pub now: OffsetDateTime,
}

/// A network card that inspection found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Card {
    /// Name in the ramdisk.
    pub name: String,
    /// MAC address.
    pub address: String,
    /// Addresses, without prefix lengths.
    pub ips: Vec<String>,
    /// Whether the ramdisk was booted over it.
    pub booted: bool,
}

/// One hook.
#[derive(Debug)]
pub(crate) struct Hook {
    /// Its name in the configuration.
    pub name: &'static str,
    /// The hook that must stand before it.
    pub after: Option<&'static str>,
    /// What it does.
    pub run: fn(&mut Inspected<'_>) -> Result<(), Box<Failure>>,
}

const fn hook(name: &'static str, run: fn(&mut Inspected<'_>) -> Result<(), Box<Failure>>) -> Hook {
    Hook { name, after: None, run }
}

const fn after(after: &'static str, hook: Hook) -> Hook {
    Hook { after: Some(after), ..hook }
}

/// Every hook; the usual ones stand in their usual order.
pub(crate) static HOOKS: [Hook; 16] = [
    hook("ramdisk-error", ramdisk_error),
    hook("validate-interfaces", interfaces::validate),
    after("validate-interfaces", hook("ports", interfaces::ports)),
    hook("architecture", properties::architecture),
    hook("accelerators", devices::accelerators),
    hook("boot-mode", properties::boot_mode),
    hook("cpu-capabilities", properties::cpu_capabilities),
    hook("cpus", properties::cpus),
    hook("extra-hardware", devices::extra_hardware),
    after("ports", hook("local-link-connection", links::local_link_connection)),
    hook("memory", properties::memory),
    hook("parse-lldp", links::parse_lldp),
    hook("pci-devices", devices::pci_devices),
    after("ports", hook("physical-network", links::physical_network)),
    hook("raid-device", properties::raid_device),
    hook("root-device", properties::root_device),
];

/// The ramdisk says itself what went wrong.
fn ramdisk_error(found: &mut Inspected<'_>) -> Result<(), Box<Failure>> {
    match found.plugin_data.get("error").map(text_of).filter(|text| !text.trim().is_empty()) {
        Some(error) => Err(Box::new(
            Failure::new(code::RAMDISK_REPORTED_ERROR, "inspection", "the ramdisk reported an error")
                .said(error),
        )),
        None => Ok(()),
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

impl Inspected<'_> {
    /// A list in the inventory.
    pub(super) fn list(&self, key: &str) -> &[Value] {
        self.inventory.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// What the inventory says under a path.
    pub(super) fn at(&self, path: [&str; 2]) -> Option<&Value> {
        self.inventory.get(path[0])?.get(path[1]).filter(|value| !value.is_null())
    }

    /// Sets a property of the node.
    pub(super) fn set_property(&mut self, name: &str, value: impl Into<Value>) {
        self.node.spec.properties.insert(name.to_owned(), value.into());
    }

    /// Sets a capability: one `name:value` of the property `capabilities`, which is a list separated by commas.
    pub(super) fn set_capability(&mut self, name: &str, value: &str) {
        let given = self.node.spec.properties.get("capabilities").and_then(Value::as_str).unwrap_or_default();
        let mut all: Vec<(String, String)> = given
            .split(',')
            .filter_map(|pair| pair.split_once(':'))
            .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
            .collect();
        match all.iter_mut().find(|pair| pair.0 == name) {
            Some(pair) => pair.1 = value.to_owned(),
            None => all.push((name.to_owned(), value.to_owned())),
        }
        let all: Vec<String> = all.into_iter().map(|(name, value)| format!("{name}:{value}")).collect();
        self.set_property("capabilities", all.join(","));
    }

    /// Why the data cannot be used.
    pub(super) fn unusable(summary: impl Into<String>) -> Box<Failure> {
        Box::new(Failure::new(code::INSPECTION_DATA_UNUSABLE, "inspection", summary))
    }
}
