//! `fake-hardware`: a node without hardware, with delays and failures to order.
//!
//! **Shape** of `driver_info`: `fake_delay_ms` (number, or `"low,high"` for a random value between) makes each
//! operation take that long; `fake_failure` (text such as `power`, `deploy.deploy`, `inspect`) makes the named interface
//! or step fail.

mod boot;
mod deploy;
mod inspect;
mod management;
mod power;
mod script;

pub use power::FakePower;

use crate::interface::{Boot, Deploy, Inspect, Management, Power};
use crate::noop::NoInspect;
use crate::registry::HardwareType;
use ferric_model::hardware::InterfaceKind;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The hardware type `fake-hardware`, with further implementations of the deploy interface behind its own.
pub fn hardware_type(further_deploy: Vec<(&'static str, Arc<dyn Deploy>)>) -> HardwareType {
    let mut deploy: Vec<(&'static str, Arc<dyn Deploy>)> = vec![("fake", Arc::new(deploy::FakeDeploy))];
    deploy.extend(further_deploy);
    HardwareType {
        name: "fake-hardware",
        properties: BTreeMap::from([
            (
                "fake_delay_ms".to_owned(),
                "How long each operation takes, or \"low,high\". Optional.".to_owned(),
            ),
            ("fake_failure".to_owned(), "Interface or interface.step that fails. Optional.".to_owned()),
        ]),
        power: vec![("fake", Arc::new(FakePower) as Arc<dyn Power>)],
        management: vec![("fake", Arc::new(management::FakeManagement) as Arc<dyn Management>)],
        boot: vec![("fake", Arc::new(boot::FakeBoot) as Arc<dyn Boot>)],
        deploy,
        inspect: vec![
            ("fake", Arc::new(inspect::FakeInspect) as Arc<dyn Inspect>),
            ("no-inspect", Arc::new(NoInspect) as Arc<dyn Inspect>),
        ],
        named: BTreeMap::from([
            (InterfaceKind::Bios, vec!["fake", "no-bios"]),
            (InterfaceKind::Console, vec!["fake", "no-console"]),
            (InterfaceKind::Firmware, vec!["fake", "no-firmware"]),
            (InterfaceKind::Network, vec!["noop"]),
            (InterfaceKind::Raid, vec!["fake", "no-raid"]),
            (InterfaceKind::Rescue, vec!["fake", "no-rescue"]),
            (InterfaceKind::Storage, vec!["noop", "fake"]),
            (InterfaceKind::Vendor, vec!["fake", "no-vendor"]),
        ]),
    }
}
