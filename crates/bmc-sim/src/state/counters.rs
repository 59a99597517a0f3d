//! What happened to a server since the simulator started.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ResetType;

/// Numbers a test compares with what it meant to cause.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Reset requests the BMC accepted, by type; lost ones are not among them.
    pub resets: BTreeMap<ResetType, u32>,
    /// Resets answered with success that a fault swallowed.
    pub lost_resets: u32,
    /// Times the operating system or the agent itself powered off or restarted the server.
    pub os_power_changes: u32,
    /// Times the power came on and the firmware looked for something to boot, restarts included.
    pub boots: u32,
    /// Images put into a virtual media slot.
    pub inserts: u32,
    /// Images taken out of a virtual media slot.
    pub ejects: u32,
    /// Changes of the firmware's settings that were taken, resets to its defaults among them.
    pub bios_changes: u32,
    /// Firmware updates that the BMC was asked for and took.
    pub firmware_requests: u32,
    /// Firmware versions installed, by component.
    pub firmware_updates: BTreeMap<String, u32>,
    /// RAID volumes made.
    pub volumes_created: u32,
    /// RAID volumes taken apart.
    pub volumes_deleted: u32,
    /// Requests that were held, for however long.
    pub holds: u32,
    /// Inspection reports an API accepted from this server's agents.
    pub inspections: u32,
    /// Heartbeats an API accepted from this server's agents.
    pub heartbeats: u32,
    /// Agent commands begun, by their full name.
    pub commands: BTreeMap<String, u32>,
    /// In-band steps begun, by step name.
    pub steps: BTreeMap<String, u32>,
    /// In-band steps that ended in failure, by step name.
    pub failed_steps: BTreeMap<String, u32>,
    /// Agents alive at this moment.
    pub agents_alive: u32,
    /// The most agents that were alive at one moment; more than 1 is a defect.
    pub max_agents_alive: u32,
}

impl Counters {
    pub(crate) fn count(map: &mut BTreeMap<String, u32>, name: &str) {
        *map.entry(name.to_owned()).or_default() += 1;
    }

    pub(crate) fn agent_started(&mut self) {
        self.agents_alive += 1;
        self.max_agents_alive = self.max_agents_alive.max(self.agents_alive);
    }
}
