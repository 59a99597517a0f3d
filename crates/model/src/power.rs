//! Power states and the targets a caller may ask for.

use serde::{Deserialize, Serialize};

/// What a node's power is; `None` in a node means that nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PowerState {
    /// `power on`
    #[serde(rename = "power on")]
    On,
    /// `power off`
    #[serde(rename = "power off")]
    Off,
}

/// What `PUT states/power` may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PowerTarget {
    /// `power on`
    #[serde(rename = "power on")]
    On,
    /// `power off`
    #[serde(rename = "power off")]
    Off,
    /// `rebooting`: off, then on
    #[serde(rename = "rebooting")]
    Reboot,
    /// `soft power off`: ask the operating system
    #[serde(rename = "soft power off")]
    SoftOff,
    /// `soft rebooting`
    #[serde(rename = "soft rebooting")]
    SoftReboot,
}

impl PowerState {
    /// Ironic's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::On => "power on",
            Self::Off => "power off",
        }
    }

    /// Reads Ironic's word.
    pub fn find(text: &str) -> Option<Self> {
        [Self::On, Self::Off].into_iter().find(|state| state.as_str() == text)
    }
}

impl PowerTarget {
    /// Every target.
    pub const ALL: [Self; 5] = [Self::On, Self::Off, Self::Reboot, Self::SoftOff, Self::SoftReboot];

    /// Ironic's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::On => "power on",
            Self::Off => "power off",
            Self::Reboot => "rebooting",
            Self::SoftOff => "soft power off",
            Self::SoftReboot => "soft rebooting",
        }
    }

    /// Reads Ironic's word.
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|target| target.as_str() == text)
    }

    /// The power state a node is in once the target is reached.
    pub const fn final_state(self) -> PowerState {
        match self {
            Self::On | Self::Reboot | Self::SoftReboot => PowerState::On,
            Self::Off | Self::SoftOff => PowerState::Off,
        }
    }

    /// Whether the node's ramdisk, if one runs, does not survive this.
    pub const fn ends_ramdisk(self) -> bool {
        !matches!(self, Self::On)
    }
}
