//! What a simulator's owner sees of its servers.

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::fleet::Fleet;
use crate::state::{Counters, DiskImage, PowerState, Running, SLOTS};

/// All servers at about one moment; each server on its own is consistent.
#[derive(Clone, Debug, Serialize)]
pub struct Snapshot {
    /// One view per server, by index.
    pub servers: Vec<ServerView>,
}

/// One server.
#[derive(Clone, Debug, Serialize)]
pub struct ServerView {
    /// Its index.
    pub index: usize,
    /// Its system id.
    pub uuid: Uuid,
    /// Path of its ComputerSystem.
    pub system_path: String,
    /// Path of its Manager.
    pub manager_path: String,
    /// MAC addresses of its interfaces.
    pub mac_addresses: Vec<String>,
    /// What the BMC reports.
    pub power_state: PowerState,
    /// What is executing.
    pub running: Running,
    /// How far the boot got, in Redfish's words.
    pub boot_progress: String,
    /// Why the last boot led nowhere.
    pub boot_failure: Option<String>,
    /// The boot override.
    pub boot: BootView,
    /// Inserted media; empty slots are left out.
    pub media: Vec<MediaView>,
    /// What the root disk holds.
    pub disk: Option<DiskImage>,
    /// What the user of the rescue system logs in with, as a hash.
    pub rescue_password_hash: Option<String>,
    /// Whether the firmware holds the keys that secure boot checks with.
    pub secure_boot_keys: bool,
    /// What the BMC's clock was set to.
    pub bmc_clock: Option<String>,
    /// The agent, once it found its node.
    pub agent: Option<AgentView>,
    /// How many of its requests are being held.
    pub held: usize,
    /// What happened so far.
    pub counters: Counters,
    /// Planted faults in the control API's form, with their hits.
    pub faults: Vec<Value>,
}

/// The boot override of a server, in Redfish's words.
#[derive(Clone, Debug, Serialize)]
pub struct BootView {
    /// BootSourceOverrideEnabled.
    pub enabled: String,
    /// BootSourceOverrideTarget.
    pub target: String,
    /// BootSourceOverrideMode.
    pub mode: String,
    /// HttpBootUri.
    pub http_boot_uri: Option<String>,
}

/// One inserted image.
#[derive(Clone, Debug, Serialize)]
pub struct MediaView {
    /// Slot id.
    pub slot: String,
    /// URL of the image.
    pub image: String,
}

/// A living agent.
#[derive(Clone, Debug, Serialize)]
pub struct AgentView {
    /// The node it was told it is.
    pub node_uuid: String,
    /// The URL of its command API.
    pub callback_url: String,
    /// The command in progress.
    pub busy_with: Option<String>,
}

impl Fleet {
    pub(crate) fn view(&self, index: usize) -> ServerView {
        let identity = &self.servers[index].identity;
        let faults = self.faults.view(Some(index));
        let (mut view, agent) = self.read(index, |live| {
            let state = &live.state;
            let view = ServerView {
                index,
                uuid: identity.uuid,
                system_path: identity.system_path(),
                manager_path: identity.manager_path(),
                mac_addresses: identity.macs.to_vec(),
                power_state: state.power,
                running: state.running,
                boot_progress: state.boot_progress.as_str().to_owned(),
                boot_failure: state.boot_failure.clone(),
                boot: BootView {
                    enabled: state.boot.enabled.as_str().to_owned(),
                    target: state.boot.target.as_str().to_owned(),
                    mode: state.boot.mode.as_str().to_owned(),
                    http_boot_uri: state.boot.http_boot_uri.clone(),
                },
                media: SLOTS
                    .iter()
                    .zip(&state.media)
                    .filter_map(|(slot, media)| {
                        let image = media.as_ref()?.image.clone();
                        Some(MediaView { slot: slot.id.to_owned(), image })
                    })
                    .collect(),
                disk: state.disk.clone(),
                rescue_password_hash: state.rescue_password_hash.clone(),
                secure_boot_keys: state.secure_boot_keys,
                bmc_clock: state.bmc_clock.clone(),
                agent: None,
                held: self.servers[index].holds.count(),
                counters: state.counters.clone(),
                faults,
            };
            (view, live.activity.agent.clone())
        });
        // Outside the server's lock: an agent takes its own lock first.
        view.agent = agent.map(|agent| AgentView {
            node_uuid: agent.node_uuid().to_owned(),
            callback_url: agent.callback_url().to_owned(),
            busy_with: agent.busy_with(),
        });
        view
    }
}
