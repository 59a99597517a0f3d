//! Events: the inputs of the state machine.

use serde::{Deserialize, Serialize};

/// An event. The first ones are caused by verbs of the API, the last ones by reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Event {
    /// `manage`
    Manage,
    /// `adopt`
    Adopt,
    /// `clean`
    Clean,
    /// `inspect`
    Inspect,
    /// `provide`
    Provide,
    /// `deploy`
    Deploy,
    /// `delete`
    Delete,
    /// `rebuild`
    Rebuild,
    /// `rescue`
    Rescue,
    /// `service`
    Service,
    /// `unrescue`
    Unrescue,
    /// `abort`
    Abort,
    /// `unhold`
    Unhold,
    /// `done`
    Done,
    /// `fail`
    Fail,
    /// `hold`
    Hold,
    /// `wait`
    Wait,
    /// `resume`
    Resume,
}

impl Event {
    /// Every event.
    pub const ALL: [Self; 18] = [
        Self::Manage,
        Self::Adopt,
        Self::Clean,
        Self::Inspect,
        Self::Provide,
        Self::Deploy,
        Self::Delete,
        Self::Rebuild,
        Self::Rescue,
        Self::Service,
        Self::Unrescue,
        Self::Abort,
        Self::Unhold,
        Self::Done,
        Self::Fail,
        Self::Hold,
        Self::Wait,
        Self::Resume,
    ];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Manage => "manage",
            Self::Adopt => "adopt",
            Self::Clean => "clean",
            Self::Inspect => "inspect",
            Self::Provide => "provide",
            Self::Deploy => "deploy",
            Self::Delete => "delete",
            Self::Rebuild => "rebuild",
            Self::Rescue => "rescue",
            Self::Service => "service",
            Self::Unrescue => "unrescue",
            Self::Abort => "abort",
            Self::Unhold => "unhold",
            Self::Done => "done",
            Self::Fail => "fail",
            Self::Hold => "hold",
            Self::Wait => "wait",
            Self::Resume => "resume",
        }
    }

    /// Reads the word.
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == text)
    }
}
