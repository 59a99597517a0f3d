//! `manual-management`: a node whose power somebody switches by hand, and that has no BMC.

use crate::fake::{FakeManagement, FakePower};
use crate::interface::{Deploy, Inspect, Management, Power};
use crate::noop::{NoBios, NoConsole, NoFirmware, NoInspect, NoVendor, NoopDeploy, NoopManagement};
use crate::registry::{Generic, HardwareType};
use ferric_model::hardware::InterfaceKind;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The hardware type. Its power interface `fake` believes what it is told, which is what a node needs whose power is
/// switched by hand.
pub fn hardware_type(generic: Generic) -> HardwareType {
    let network = generic.networks();
    let (raid, rescue) = (generic.raids(Vec::new()), generic.rescues(Vec::new()));
    let mut deploy = generic.deploy;
    deploy.push(("noop", Arc::new(NoopDeploy) as Arc<dyn Deploy>));
    let mut inspect = generic.inspect;
    inspect.push(("no-inspect", Arc::new(NoInspect) as Arc<dyn Inspect>));
    HardwareType {
        name: "manual-management",
        properties: BTreeMap::new(),
        power: vec![("fake", Arc::new(FakePower) as Arc<dyn Power>)],
        management: vec![
            ("noop", Arc::new(NoopManagement) as Arc<dyn Management>),
            ("fake", Arc::new(FakeManagement) as Arc<dyn Management>),
        ],
        boot: generic.boot,
        deploy,
        inspect,
        network,
        bios: vec![("no-bios", Arc::new(NoBios))],
        console: vec![("no-console", Arc::new(NoConsole))],
        firmware: vec![("no-firmware", Arc::new(NoFirmware))],
        raid,
        rescue,
        vendor: vec![("no-vendor", Arc::new(NoVendor))],
        named: BTreeMap::from([(InterfaceKind::Storage, vec!["noop"])]),
    }
}
