//! The hardware type `redfish`, as a conductor registers it.

use crate::client::RedfishClients;
use crate::driver_info::PROPERTIES;
use crate::interface::{
    RedfishBios, RedfishFirmware, RedfishHttpsBoot, RedfishInspect, RedfishManagement, RedfishPower,
    RedfishRaid, RedfishVendor, RedfishVirtualMediaBoot,
};
use ferric_hardware::interface::{Bios, Firmware, Raid, Vendor};
use ferric_hardware::noop::{NoBios, NoConsole, NoFirmware, NoInspect, NoVendor};
use ferric_hardware::{Boot, Generic, HardwareType, Inspect, Management, Power};
use ferric_model::hardware::{InterfaceKind, find_hardware_type};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Its name.
const NAME: &str = "redfish";

/// Kinds that have an implementation to call; of the others a node carries the name only.
const IMPLEMENTED: [InterfaceKind; 12] = [
    InterfaceKind::Power,
    InterfaceKind::Management,
    InterfaceKind::Boot,
    InterfaceKind::Deploy,
    InterfaceKind::Inspect,
    InterfaceKind::Network,
    InterfaceKind::Bios,
    InterfaceKind::Console,
    InterfaceKind::Firmware,
    InterfaceKind::Raid,
    InterfaceKind::Rescue,
    InterfaceKind::Vendor,
];

/// The hardware type, with the generic implementations behind its own.
pub fn hardware_type(clients: Arc<RedfishClients>, generic: Generic) -> HardwareType {
    let network = generic.networks();
    let own_raid: Arc<dyn Raid> = Arc::new(RedfishRaid::new(Arc::clone(&clients)));
    let (raid, rescue) = (generic.raids(vec![("redfish", own_raid)]), generic.rescues(Vec::new()));
    let mut inspect: Vec<(&'static str, Arc<dyn Inspect>)> =
        vec![("redfish", Arc::new(RedfishInspect::new(Arc::clone(&clients))))];
    inspect.extend(generic.inspect);
    inspect.push(("no-inspect", Arc::new(NoInspect)));
    let power: Arc<dyn Power> = Arc::new(RedfishPower::new(Arc::clone(&clients)));
    let management: Arc<dyn Management> = Arc::new(RedfishManagement::new(Arc::clone(&clients)));
    let bios: Arc<dyn Bios> = Arc::new(RedfishBios::new(Arc::clone(&clients)));
    let firmware: Arc<dyn Firmware> = Arc::new(RedfishFirmware::new(Arc::clone(&clients)));
    let vendor: Arc<dyn Vendor> = Arc::new(RedfishVendor::new(Arc::clone(&clients)));
    let mut boot: Vec<(&'static str, Arc<dyn Boot>)> = vec![
        ("redfish-virtual-media", Arc::new(RedfishVirtualMediaBoot::new(Arc::clone(&clients)))),
        ("redfish-https", Arc::new(RedfishHttpsBoot::new(clients))),
    ];
    boot.extend(generic.boot);
    HardwareType {
        name: NAME,
        properties: PROPERTIES.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect(),
        power: vec![("redfish", power)],
        management: vec![("redfish", management)],
        boot,
        deploy: generic.deploy,
        inspect,
        network,
        bios: vec![("redfish", bios), ("no-bios", Arc::new(NoBios))],
        console: vec![("no-console", Arc::new(NoConsole))],
        firmware: vec![("redfish", firmware), ("no-firmware", Arc::new(NoFirmware))],
        raid,
        rescue,
        vendor: vec![("redfish", vendor), ("no-vendor", Arc::new(NoVendor))],
        named: named(),
    }
}

fn named() -> BTreeMap<InterfaceKind, Vec<&'static str>> {
    let row = find_hardware_type(NAME);
    InterfaceKind::ALL
        .into_iter()
        .filter(|kind| !IMPLEMENTED.contains(kind))
        .map(|kind| (kind, row.map_or_else(Vec::new, |row| row.supported(kind).to_vec())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::hardware_type;
    use crate::client::RedfishClients;
    use crate::config::RedfishConfig;
    use ferric_hardware::noop::NoInspect;
    use ferric_hardware::{Generic, HardwareType, Inspect};
    use ferric_model::hardware::{InterfaceKind, find_hardware_type};
    use std::sync::Arc;

    #[test]
    fn every_name_is_in_the_table_and_every_kind_but_the_given_has_one() {
        let clients = Arc::new(RedfishClients::new(RedfishConfig::default()));
        let agent: Arc<dyn Inspect> = Arc::new(NoInspect);
        let generic = Generic { inspect: vec![("agent", agent)], ..Generic::default() };
        let offered: HardwareType = hardware_type(clients, generic);
        let row = find_hardware_type("redfish").unwrap();
        let offer = offered.offer();
        for kind in InterfaceKind::ALL {
            let names = &offer.interfaces[&kind];
            assert!(
                names.iter().all(|name| row.supported(kind).contains(&name.as_str())),
                "{kind}: {names:?}"
            );
            assert_eq!(names.is_empty(), kind == InterfaceKind::Deploy, "{kind}");
        }
        assert_eq!(offer.interfaces[&InterfaceKind::Inspect], row.supported(InterfaceKind::Inspect));
    }
}
