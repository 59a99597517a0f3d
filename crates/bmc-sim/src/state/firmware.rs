//! Firmware of a server: which versions run, and which ones the next boot brings.

use std::collections::BTreeMap;

use super::Counters;
use crate::model::HardwareModel;

/// Parts of a server that have firmware.
pub(crate) const COMPONENTS: [&str; 3] = ["bios", "bmc", "nic"];

/// The versions of a server.
#[derive(Debug, Default)]
pub(crate) struct Firmware {
    running: BTreeMap<&'static str, String>,
    /// What the next boot brings, each with the task that ends with it.
    pending: Vec<(u64, &'static str, String)>,
    settled: Vec<u64>,
}

impl Firmware {
    pub(crate) fn new(model: &HardwareModel) -> Self {
        let versions = [model.bios_version, model.bmc_version, model.nics.firmware];
        let running = COMPONENTS.into_iter().zip(versions.map(str::to_owned)).collect();
        Self { running, ..Self::default() }
    }

    pub(crate) fn version(&self, component: &str) -> &str {
        self.running.get(component).map_or("", String::as_str)
    }

    pub(crate) fn install(&mut self, component: &'static str, version: String, counters: &mut Counters) {
        self.running.insert(component, version);
        Counters::count(&mut counters.firmware_updates, component);
    }

    pub(crate) fn install_at_boot(&mut self, task: u64, component: &'static str, version: String) {
        self.pending.push((task, component, version));
    }

    /// Installs what waited for a boot.
    pub(super) fn settle(&mut self, counters: &mut Counters) {
        for (task, component, version) in std::mem::take(&mut self.pending) {
            self.install(component, version, counters);
            self.settled.push(task);
        }
    }

    /// The tasks that ended with the last boot, once.
    pub(crate) fn take_settled(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.settled)
    }
}
