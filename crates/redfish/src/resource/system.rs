//! Source: ComputerSystem schema.

use super::{Action, Boot};
use crate::client::{Access, Resource, Result, json};
use ferric_model::power::PowerState;

/// A ComputerSystem.
#[derive(Debug, Clone)]
pub struct System(pub Resource);

/// What a system says of its power.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PowerReading {
    /// It is on.
    On,
    /// It is off.
    Off,
    /// It is on its way to on.
    PoweringOn,
    /// It is on its way to off.
    PoweringOff,
    /// Something else, or nothing.
    Other(String),
}

impl PowerReading {
    /// Reads the word of the schema.
    pub fn of(word: Option<&str>) -> Self {
        match word {
            Some("On") => Self::On,
            Some("Off") => Self::Off,
            Some("PoweringOn") => Self::PoweringOn,
            Some("PoweringOff") => Self::PoweringOff,
            other => Self::Other(other.unwrap_or("nothing").to_owned()),
        }
    }

    /// The power state, where the way to a state already counts.
    pub const fn state(&self) -> Option<PowerState> {
        match self {
            Self::On | Self::PoweringOn => Some(PowerState::On),
            Self::Off | Self::PoweringOff => Some(PowerState::Off),
            Self::Other(_) => None,
        }
    }

    /// The power state that has been reached.
    pub const fn settled(&self) -> Option<PowerState> {
        match self {
            Self::On => Some(PowerState::On),
            Self::Off => Some(PowerState::Off),
            _ => None,
        }
    }

    /// Whether it is on its way.
    pub const fn is_moving(&self) -> bool {
        matches!(self, Self::PoweringOn | Self::PoweringOff)
    }

    /// The word of the schema.
    pub fn word(&self) -> &str {
        match self {
            Self::On => "On",
            Self::Off => "Off",
            Self::PoweringOn => "PoweringOn",
            Self::PoweringOff => "PoweringOff",
            Self::Other(word) => word,
        }
    }
}

impl Access {
    /// The path of the node's system.
    pub async fn system_path(&self) -> Result<String> {
        match &self.info.system_path {
            Some(path) => Ok(path.clone()),
            None => self.bmc.only_system().await,
        }
    }

    /// Reads the node's system.
    pub async fn system(&self) -> Result<System> {
        self.bmc.get(&self.system_path().await?).await.map(System)
    }

    /// Whether the service has other systems than the node's.
    pub async fn has_other_systems(&self) -> Result<bool> {
        let root = self.bmc.root().await?;
        let Some(systems) = json::link(&root.body, &["Systems"]) else { return Ok(false) };
        Ok(self.bmc.members(systems).await?.len() > 1)
    }

    /// Reads the node's system once, for callers that look again anyway.
    pub async fn system_once(&self) -> Result<System> {
        self.bmc.get_once(&self.system_path().await?).await.map(System)
    }
}

impl System {
    fn text(&self, key: &str) -> Option<&str> {
        json::text(&self.0.body, &[key])
    }

    fn link(&self, key: &str) -> Option<&str> {
        json::link(&self.0.body, &[key])
    }

    /// Its power.
    pub fn power(&self) -> PowerReading {
        PowerReading::of(self.text("PowerState"))
    }

    /// When it was last reset, as the BMC writes it.
    pub fn last_reset_time(&self) -> Option<&str> {
        self.text("LastResetTime")
    }

    /// The action that changes its power.
    pub fn reset(&self) -> Option<Action> {
        Action::find(&self.0, "#ComputerSystem.Reset", "ResetType")
    }

    /// What it boots from.
    pub fn boot(&self) -> Boot<'_> {
        Boot(&self.0.body)
    }

    /// Who made it.
    pub fn manufacturer(&self) -> Option<&str> {
        self.text("Manufacturer")
    }

    /// Its model.
    pub fn model(&self) -> Option<&str> {
        self.text("Model")
    }

    /// Its serial number.
    pub fn serial_number(&self) -> Option<&str> {
        self.text("SerialNumber").or_else(|| self.text("SKU"))
    }

    /// The version of its firmware.
    pub fn bios_version(&self) -> Option<&str> {
        self.text("BiosVersion")
    }

    /// Its name in the network.
    pub fn host_name(&self) -> Option<&str> {
        self.text("HostName")
    }

    /// `OK`, `Warning` or `Critical`.
    pub fn health(&self) -> Option<&str> {
        json::text(&self.0.body, &["Status", "Health"])
            .filter(|health| matches!(*health, "OK" | "Warning" | "Critical"))
    }

    /// All its memory.
    pub fn memory_gib(&self) -> Option<f64> {
        json::number(&self.0.body, &["MemorySummary", "TotalSystemMemoryGiB"]).filter(|gib| *gib > 0.0)
    }

    /// What the summary says of its processors: sockets, threads, model.
    pub fn processor_summary(&self) -> (Option<u64>, Option<u64>, Option<&str>) {
        let summary =
            |key| json::integer(&self.0.body, &["ProcessorSummary", key]).filter(|count| *count > 0);
        (
            summary("Count"),
            summary("LogicalProcessorCount"),
            json::text(&self.0.body, &["ProcessorSummary", "Model"]),
        )
    }

    /// Its secure boot settings.
    pub fn secure_boot(&self) -> Option<&str> {
        self.link("SecureBoot")
    }

    /// Its BIOS settings.
    pub fn bios(&self) -> Option<&str> {
        self.link("Bios")
    }

    /// Its own collection of virtual media.
    pub fn virtual_media(&self) -> Option<&str> {
        self.link("VirtualMedia")
    }

    /// Its collection of processors.
    pub fn processors(&self) -> Option<&str> {
        self.link("Processors")
    }

    /// Its collection of memory modules.
    pub fn memory(&self) -> Option<&str> {
        self.link("Memory")
    }

    /// Its collection of network interfaces.
    pub fn ethernet_interfaces(&self) -> Option<&str> {
        self.link("EthernetInterfaces")
    }

    /// Its collection of storage controllers with drives.
    pub fn storage(&self) -> Option<&str> {
        self.link("Storage")
    }

    /// Its collection of storage controllers in the older, simpler form.
    pub fn simple_storage(&self) -> Option<&str> {
        self.link("SimpleStorage")
    }

    /// The managers that look after it.
    pub fn managers(&self) -> Vec<&str> {
        json::links(&self.0.body, &["Links", "ManagedBy"])
    }

    /// The chassis that hold it.
    pub fn chassis(&self) -> Vec<&str> {
        json::links(&self.0.body, &["Links", "Chassis"])
    }
}
