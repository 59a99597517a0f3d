//! The shape of one hardware model.

use serde_json::{Value, json};

/// One kind of server. All of it is inventory: what differs in behaviour is said here too, never branched on by name.
#[derive(Debug)]
pub(crate) struct HardwareModel {
    pub manufacturer: &'static str,
    pub product: &'static str,
    pub sku: &'static str,
    pub bios_version: &'static str,
    pub bios_date: &'static str,
    pub bmc_model: &'static str,
    pub bmc_version: &'static str,
    pub processors: Processors,
    pub memory_gib: u64,
    pub nics: Nics,
    pub disks: &'static [Disk],
    pub controller: &'static str,
    pub raid: Raid,
    pub bios: &'static [BiosAttribute],
}

/// What the storage controller makes of disks.
#[derive(Debug)]
pub(crate) struct Raid {
    /// Levels, in the words of DSP0268.
    pub types: &'static [&'static str],
    /// When a change of volumes may take effect, in the words of DSP0266; what is left out is refused.
    pub apply_times: &'static [&'static str],
}

#[derive(Debug)]
pub(crate) struct Processors {
    pub sockets: u64,
    pub vendor: &'static str,
    pub model: &'static str,
    pub cores: u64,
    pub threads: u64,
    pub mhz: u64,
    pub flags: &'static [&'static str],
}

#[derive(Debug)]
pub(crate) struct Nics {
    pub speed_mbps: u64,
    pub pci_vendor: &'static str,
    pub pci_device: &'static str,
    pub driver: &'static str,
    pub firmware: &'static str,
}

/// One physical disk, as the BMC and the ramdisk each name it.
#[derive(Debug)]
pub(crate) struct Disk {
    pub bay: &'static str,
    pub device: &'static str,
    pub vendor: &'static str,
    pub model: &'static str,
    pub bytes: u64,
    pub bus: Bus,
    pub rotational: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bus {
    Nvme,
    Sata,
}

/// One firmware setting with the rule its values obey.
#[derive(Debug)]
pub(crate) struct BiosAttribute {
    pub name: &'static str,
    pub label: &'static str,
    pub kind: BiosKind,
    pub read_only: bool,
}

#[derive(Debug)]
pub(crate) enum BiosKind {
    Enumeration { default: &'static str, values: &'static [&'static str] },
    Integer { default: i64, min: i64, max: i64 },
    Text { default: &'static str, max_length: usize },
}

impl HardwareModel {
    /// The disk an image is written to when nothing else is asked for: the smallest.
    pub(crate) fn root_disk(&self) -> Option<&'static Disk> {
        self.disks.iter().min_by_key(|disk| disk.bytes)
    }

    pub(crate) fn bios_attribute(&self, name: &str) -> Option<&'static BiosAttribute> {
        self.bios.iter().find(|attribute| attribute.name == name)
    }
}

impl Bus {
    pub(crate) fn protocol(self) -> &'static str {
        match self {
            Self::Nvme => "NVMe",
            Self::Sata => "SATA",
        }
    }
}

impl BiosKind {
    pub(crate) fn default_value(&self) -> Value {
        match self {
            Self::Enumeration { default, .. } | Self::Text { default, .. } => json!(default),
            Self::Integer { default, .. } => json!(default),
        }
    }

    /// Whether a setting may take this value.
    pub(crate) fn accepts(&self, value: &Value) -> bool {
        match self {
            Self::Enumeration { values, .. } => value.as_str().is_some_and(|text| values.contains(&text)),
            Self::Integer { min, max, .. } => {
                value.as_i64().is_some_and(|number| (*min..=*max).contains(&number))
            }
            Self::Text { max_length, .. } => {
                value.as_str().is_some_and(|text| text.chars().count() <= *max_length)
            }
        }
    }
}
