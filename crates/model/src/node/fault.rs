//! Faults: why the system itself put a node into maintenance.

use serde::{Deserialize, Serialize};

/// A fault.
///
/// Source: `contract: state-machine` section 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    /// The BMC stopped answering; cleared when it answers again.
    #[serde(rename = "power failure")]
    Power,
    /// A clean step failed.
    #[serde(rename = "clean failure")]
    Clean,
    /// Cleaning up after a rescue failed.
    #[serde(rename = "rescue abort failure")]
    RescueAbort,
    /// A service step failed.
    #[serde(rename = "service failure")]
    Service,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 4] = [Self::Power, Self::Clean, Self::RescueAbort, Self::Service];

    /// Ironic's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Power => "power failure",
            Self::Clean => "clean failure",
            Self::RescueAbort => "rescue abort failure",
            Self::Service => "service failure",
        }
    }

    /// Reads Ironic's word.
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.as_str() == text)
    }
}
