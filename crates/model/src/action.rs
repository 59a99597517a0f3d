//! Actions: what an envelope asks a conductor to do.

use serde::{Deserialize, Serialize};

/// An action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Check that the BMC can be driven, read its power state.
    Verify,
    /// Find out what the node is made of.
    Inspect,
    /// Automated or manual cleaning.
    Clean,
    /// Deploy, or rebuild.
    Deploy,
    /// Undeploy, then clean.
    TearDown,
    /// Clean up after somebody aborted a waiting flow.
    Abort,
    /// Change the power state.
    Power,
    /// Read the boot device; the caller waits for the result.
    GetBootDevice,
    /// Set the boot device; the caller waits for the result.
    SetBootDevice,
}

/// Word of each action, in the order of the enum.
const WORDS: [(Action, &str); 9] = [
    (Action::Verify, "verify"),
    (Action::Inspect, "inspect"),
    (Action::Clean, "clean"),
    (Action::Deploy, "deploy"),
    (Action::TearDown, "tear_down"),
    (Action::Abort, "abort"),
    (Action::Power, "power"),
    (Action::GetBootDevice, "get_boot_device"),
    (Action::SetBootDevice, "set_boot_device"),
];

impl Action {
    /// Every action.
    pub fn all() -> impl Iterator<Item = Self> {
        WORDS.into_iter().map(|row| row.0)
    }

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        WORDS[self as usize].1
    }

    /// Reads the word.
    pub fn find(text: &str) -> Option<Self> {
        WORDS.into_iter().find(|row| row.1 == text).map(|row| row.0)
    }

    /// Whether the caller's request waits for the result instead of being answered 202.
    pub const fn is_synchronous(self) -> bool {
        matches!(self, Self::GetBootDevice | Self::SetBootDevice)
    }

    /// Whether a ramdisk may be booted in its course.
    pub const fn may_boot_ramdisk(self) -> bool {
        matches!(self, Self::Inspect | Self::Clean | Self::Deploy | Self::TearDown)
    }
}

#[cfg(test)]
mod tests {
    use super::WORDS;

    #[test]
    fn words_stand_in_the_order_of_the_enum() {
        for (index, (action, word)) in WORDS.into_iter().enumerate() {
            assert_eq!(action as usize, index);
            assert_eq!(serde_json::to_value(action).unwrap(), word);
        }
    }
}
