//! The hardware type `ipmi`, as a conductor registers it.

use crate::interface::{IpmiManagement, IpmiPower, IpmiVendor};
use crate::tool::Ipmitool;
use ferric_hardware::noop::{NoBios, NoConsole, NoFirmware, NoInspect, NoVendor, NoopManagement};
use ferric_hardware::{Generic, HardwareType, Inspect, Management, Power, Vendor};
use ferric_model::hardware::{InterfaceKind, ipmi_properties};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The hardware type, with the generic implementations behind its own.
pub fn hardware_type(tool: Ipmitool, generic: Generic) -> HardwareType {
    let network = generic.networks();
    let (raid, rescue) = (generic.raids(Vec::new()), generic.rescues(Vec::new()));
    let mut inspect = generic.inspect;
    inspect.push(("no-inspect", Arc::new(NoInspect) as Arc<dyn Inspect>));
    HardwareType {
        name: "ipmi",
        properties: ipmi_properties().map(|(key, text)| (key.to_owned(), text.to_owned())).collect(),
        power: vec![("ipmitool", Arc::new(IpmiPower::new(tool.clone())) as Arc<dyn Power>)],
        management: vec![
            ("ipmitool", Arc::new(IpmiManagement::new(tool.clone())) as Arc<dyn Management>),
            ("noop", Arc::new(NoopManagement) as Arc<dyn Management>),
        ],
        boot: generic.boot,
        deploy: generic.deploy,
        inspect,
        network,
        bios: vec![("no-bios", Arc::new(NoBios))],
        console: vec![("no-console", Arc::new(NoConsole))],
        firmware: vec![("no-firmware", Arc::new(NoFirmware))],
        raid,
        rescue,
        vendor: vec![
            ("ipmitool", Arc::new(IpmiVendor::new(tool)) as Arc<dyn Vendor>),
            ("no-vendor", Arc::new(NoVendor) as Arc<dyn Vendor>),
        ],
        named: BTreeMap::from([(InterfaceKind::Storage, vec!["noop"])]),
    }
}
