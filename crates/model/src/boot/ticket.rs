//! What the bearer of a boot token may boot.

use crate::action::Action;
use crate::hardware::{InterfaceKind, PARAMETER_CARRYING_BOOT};
use crate::installer::installs;
use crate::node::Node;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What is booted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BootPurpose {
    /// The ramdisk with the agent, for one task.
    Ramdisk,
    /// What an instance runs whose system never comes to a disk.
    Instance,
}

/// Everything from which the boot artefacts of one attempt to boot are made; the same for every fetch of it, so that all
/// replicas make the same bytes.
///
/// `Debug` names the node and leaves out what is secret.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct BootTicket {
    /// The secret part of the URL.
    pub token: String,
    /// What is booted.
    pub purpose: BootPurpose,
    /// The node, secrets included.
    pub node: Node,
    /// What a ramdisk is booted for.
    pub action: Option<Action>,
    /// Base URL of the artefacts, without a slash at the end.
    pub base_url: String,
    /// Base URL of the REST API as the ramdisk reaches it.
    pub api_url: String,
    /// The agent's token, where it was made before the boot.
    pub agent_token: Option<String>,
    /// MAC address of the card to use.
    pub boot_interface: Option<String>,
    /// Where the ramdisk posts what it finds, when it is booted for an inspection.
    pub inspection_callback_url: Option<String>,
    /// By which the ramdisk knows its medium.
    pub publisher_id: String,
}

impl BootPurpose {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Ramdisk, Self::Instance];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ramdisk => "ramdisk",
            Self::Instance => "instance",
        }
    }

    /// Reads the word.
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == text)
    }
}

impl BootTicket {
    /// Whether the medium is the node's own, so that parameters in it stay between the two.
    pub fn carries_parameters(&self) -> bool {
        let boot = self.node.spec.interfaces.get(&InterfaceKind::Boot);
        boot.is_some_and(|boot| PARAMETER_CARRYING_BOOT.contains(&boot.as_str()))
    }

    /// Whether an installer takes the ramdisk's place.
    pub fn is_installation(&self) -> bool {
        self.action.is_some_and(|action| installs(&self.node, action))
    }

    /// Whether it is the ramdisk of a rescue.
    pub fn is_rescue(&self) -> bool {
        self.action == Some(Action::Rescue)
    }
}

impl fmt::Debug for BootTicket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BootTicket")
            .field("node", &self.node.uuid)
            .field("purpose", &self.purpose)
            .field("action", &self.action)
            .field("publisher_id", &self.publisher_id)
            .finish_non_exhaustive()
    }
}
