//! `fake-hardware`: a node without hardware, with delays and failures to order.
//!
//! **Shape** of `driver_info`: `fake_delay_ms` (number, or `"low,high"` for a random value between) makes each
//! operation take that long; `fake_failure` (text such as `power`, `deploy.deploy`, `inspect`) makes the named interface
//! or step fail; `fake_ramdisk` (true) lets it work with a ramdisk whose part somebody plays, by heartbeats; `fake_script`
//! (`127.0.0.1:PORT`) names a prompter that is asked at each point, see `prompter.rs`.

mod bios;
mod boot;
mod console;
mod deploy;
mod firmware;
mod inspect;
mod management;
mod power;
mod prompter;
mod raid;
mod rescue;
mod script;
mod steps;
mod vendor;

#[cfg(test)]
pub(crate) use boot::FakeBoot;
pub use management::FakeManagement;
pub use power::FakePower;

use crate::interface::{
    Bios, Boot, Console, Deploy, Firmware, Inspect, Management, Power, Raid, Rescue, Vendor,
};
use crate::noop::{NoBios, NoConsole, NoFirmware, NoInspect, NoVendor};
use crate::registry::{Generic, HardwareType};
use ferric_model::hardware::InterfaceKind;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The hardware type `fake-hardware`, with the generic implementations behind its own.
pub fn hardware_type(generic: Generic) -> HardwareType {
    let network = generic.networks();
    let raid = generic.raids(vec![("fake", Arc::new(raid::FakeRaid) as Arc<dyn Raid>)]);
    let rescue = generic.rescues(vec![("fake", Arc::new(rescue::FakeRescue) as Arc<dyn Rescue>)]);
    let mut boot = vec![("fake", Arc::new(boot::FakeBoot) as Arc<dyn Boot>)];
    boot.extend(generic.boot);
    let mut deploy = vec![("fake", Arc::new(deploy::FakeDeploy) as Arc<dyn Deploy>)];
    deploy.extend(generic.deploy);
    let mut inspect = vec![("fake", Arc::new(inspect::FakeInspect) as Arc<dyn Inspect>)];
    inspect.extend(generic.inspect);
    inspect.push(("no-inspect", Arc::new(NoInspect) as Arc<dyn Inspect>));
    HardwareType {
        name: "fake-hardware",
        properties: BTreeMap::from([
            (
                "fake_delay_ms".to_owned(),
                "How long each operation takes, or \"low,high\". Optional.".to_owned(),
            ),
            ("fake_failure".to_owned(), "Interface or interface.step that fails. Optional.".to_owned()),
            (
                "fake_ramdisk".to_owned(),
                "Whether the node works with a ramdisk whose part somebody plays. Optional.".to_owned(),
            ),
            (
                "fake_script".to_owned(),
                "127.0.0.1:PORT of a prompter that is asked at each point. Optional.".to_owned(),
            ),
        ]),
        power: vec![("fake", Arc::new(FakePower) as Arc<dyn Power>)],
        management: vec![("fake", Arc::new(FakeManagement) as Arc<dyn Management>)],
        boot,
        deploy,
        inspect,
        network,
        bios: vec![
            ("fake", Arc::new(bios::FakeBios) as Arc<dyn Bios>),
            ("no-bios", Arc::new(NoBios) as Arc<dyn Bios>),
        ],
        console: vec![
            ("fake", Arc::new(console::FakeConsole) as Arc<dyn Console>),
            ("no-console", Arc::new(NoConsole) as Arc<dyn Console>),
        ],
        firmware: vec![
            ("fake", Arc::new(firmware::FakeFirmware) as Arc<dyn Firmware>),
            ("no-firmware", Arc::new(NoFirmware) as Arc<dyn Firmware>),
        ],
        raid,
        rescue,
        vendor: vec![
            ("fake", Arc::new(vendor::FakeVendor) as Arc<dyn Vendor>),
            ("no-vendor", Arc::new(NoVendor) as Arc<dyn Vendor>),
        ],
        named: BTreeMap::from([(InterfaceKind::Storage, vec!["noop", "fake"])]),
    }
}
