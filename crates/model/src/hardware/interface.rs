//! Kinds of hardware interfaces.

use serde::{Deserialize, Serialize};

/// A kind of interface; each node has one implementation of each.
///
/// Source: `contract: hardware-interfaces` section 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InterfaceKind {
    /// BIOS settings.
    Bios,
    /// Booting ramdisks and instances.
    Boot,
    /// Serial or graphical console.
    Console,
    /// Deploying and cleaning.
    Deploy,
    /// Firmware updates.
    Firmware,
    /// Inspection.
    Inspect,
    /// Boot device, boot mode, sensors, virtual media.
    Management,
    /// Networks of the node.
    Network,
    /// Power.
    Power,
    /// RAID.
    Raid,
    /// Rescue.
    Rescue,
    /// Remote volumes.
    Storage,
    /// Vendor passthru.
    Vendor,
}

impl InterfaceKind {
    /// Every kind, in alphabetical order.
    pub const ALL: [Self; 13] = [
        Self::Bios,
        Self::Boot,
        Self::Console,
        Self::Deploy,
        Self::Firmware,
        Self::Inspect,
        Self::Management,
        Self::Network,
        Self::Power,
        Self::Raid,
        Self::Rescue,
        Self::Storage,
        Self::Vendor,
    ];

    /// The word for it, as in the node's field `<word>_interface`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bios => "bios",
            Self::Boot => "boot",
            Self::Console => "console",
            Self::Deploy => "deploy",
            Self::Firmware => "firmware",
            Self::Inspect => "inspect",
            Self::Management => "management",
            Self::Network => "network",
            Self::Power => "power",
            Self::Raid => "raid",
            Self::Rescue => "rescue",
            Self::Storage => "storage",
            Self::Vendor => "vendor",
        }
    }

    /// Reads the word.
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl std::fmt::Display for InterfaceKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
