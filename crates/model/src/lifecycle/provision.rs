//! The pair of provision state and target, which only the judge may change (I-3).

use super::ProvisionState;
use serde::{Deserialize, Serialize};

/// A provision state with its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provision {
    pub(super) state: ProvisionState,
    pub(super) target: Option<ProvisionState>,
}

/// A stored pair that this version does not know.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("unknown provision state '{state}' with target '{target:?}'")]
pub struct UnknownProvision {
    /// The state read.
    pub state: String,
    /// The target read.
    pub target: Option<String>,
}

impl Provision {
    /// How a node begins.
    pub const fn initial(state: ProvisionState) -> Self {
        Self { state, target: None }
    }

    /// Restores what was stored.
    pub fn from_stored(state: &str, target: Option<&str>) -> Result<Self, UnknownProvision> {
        let unknown = || UnknownProvision { state: state.to_owned(), target: target.map(str::to_owned) };
        let found = ProvisionState::find(state).ok_or_else(unknown)?;
        let target = target.map(|text| ProvisionState::find(text).ok_or_else(unknown)).transpose()?;
        Ok(Self { state: found, target })
    }

    /// The state.
    pub const fn state(self) -> ProvisionState {
        self.state
    }

    /// The target, or none at rest.
    pub const fn target(self) -> Option<ProvisionState> {
        self.target
    }

    /// Whether this is a cleaning that somebody asked for with steps of their own.
    pub fn is_manual_clean(self) -> bool {
        self.target == Some(ProvisionState::Manageable)
    }
}
