//! How far the installer of an operating system came, as its fetches and callbacks tell.
//!
//! **Shape** of `driver_internal_info.installer` of a node that is being installed: `phase` (a word of
//! [`InstallerPhase`]), `since` (RFC 3339), `fetched` (last file), `fetched_at`. The control plane writes it; conductors
//! only set it up before the boot.

use crate::JsonMap;
use crate::action::Action;
use crate::hardware::InterfaceKind;
use crate::node::Node;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Key in `driver_internal_info`.
pub const INSTALLER: &str = "installer";

/// Name of the deploy interface whose nodes are installed by an installer.
pub const DEPLOY_INTERFACE: &str = "anaconda";

/// Whether a task of `action` has an installer install the node.
pub fn installs(node: &Node, action: Action) -> bool {
    let deploy = node.spec.interfaces.get(&InterfaceKind::Deploy);
    action == Action::Deploy && deploy.is_some_and(|name| name == DEPLOY_INTERFACE)
}

/// A phase of an installation. The order is that of the installation; a fetch that comes late leads nowhere back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum InstallerPhase {
    /// The node was switched on and fetched nothing yet.
    Booting,
    /// It fetched the installer's kernel, alone or in an image.
    FetchedKernel,
    /// The installer fetched its answer file.
    FetchedAnswers,
    /// The installer fetched its second stage.
    FetchedStage2,
    /// The installer said that it runs.
    Started,
    /// The installer said that it is done.
    Ended,
    /// The installer said that it failed.
    Failed,
}

/// Phase, word, and what is expected next.
const PHASES: [(InstallerPhase, &str, &str); 7] = [
    (InstallerPhase::Booting, "booting", "the node fetches the installer's kernel"),
    (
        InstallerPhase::FetchedKernel,
        "fetched-kernel",
        "the installer's kernel boots and fetches its answer file",
    ),
    (InstallerPhase::FetchedAnswers, "fetched-answers", "the installer starts with its answer file"),
    (InstallerPhase::FetchedStage2, "fetched-stage2", "the installer starts and says so"),
    (InstallerPhase::Started, "started", "the installer says that it is done"),
    (InstallerPhase::Ended, "ended", "the node boots from its disk"),
    (InstallerPhase::Failed, "failed", "nothing"),
];

/// Files below the boot URL of an installation, and the phase that fetching them begins.
const FILES: [(&str, InstallerPhase); 7] = [
    ("boot.iso", InstallerPhase::FetchedKernel),
    ("boot.efi", InstallerPhase::FetchedKernel),
    ("kernel", InstallerPhase::FetchedKernel),
    ("ks.cfg", InstallerPhase::FetchedAnswers),
    ("preseed.cfg", InstallerPhase::FetchedAnswers),
    ("LiveOS/squashfs.img", InstallerPhase::FetchedStage2),
    ("images/install.img", InstallerPhase::FetchedStage2),
];

/// Callbacks and the phases they begin.
const STATUSES: [(&str, InstallerPhase); 3] =
    [("start", InstallerPhase::Started), ("end", InstallerPhase::Ended), ("error", InstallerPhase::Failed)];

impl InstallerPhase {
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        PHASES[self as usize].1
    }

    /// What is expected next, as a clause.
    pub const fn expects(self) -> &'static str {
        PHASES[self as usize].2
    }

    /// Reads the word.
    pub fn find(word: &str) -> Option<Self> {
        PHASES.into_iter().find(|row| row.1 == word).map(|row| row.0)
    }

    /// The phase that fetching a file begins.
    pub fn of_file(file: &str) -> Option<Self> {
        FILES.into_iter().find(|row| row.0 == file).map(|row| row.1)
    }

    /// The phase that a callback begins.
    pub fn of_status(status: &str) -> Option<Self> {
        STATUSES.into_iter().find(|row| row.0 == status).map(|row| row.1)
    }

    /// Whether the installer has said its last word: it gets nothing any more.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Ended | Self::Failed)
    }
}

/// How far the installation of a node came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallerRun {
    /// The phase.
    pub phase: InstallerPhase,
    /// Since when; none before the control plane has seen the boot.
    pub since: Option<OffsetDateTime>,
    /// The last file that was fetched.
    pub fetched: Option<String>,
    /// When.
    pub fetched_at: Option<OffsetDateTime>,
}

impl InstallerRun {
    /// Reads it from a node; none when no installer installs it.
    pub fn of(node: &Node) -> Option<Self> {
        let stored = node.status.driver_internal_info.get(INSTALLER)?.as_object()?;
        let text = |key: &str| stored.get(key).and_then(Value::as_str);
        let time = |key: &str| text(key).and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
        Some(Self {
            phase: text("phase").and_then(InstallerPhase::find)?,
            since: time("since"),
            fetched: text("fetched").map(str::to_owned),
            fetched_at: time("fetched_at"),
        })
    }

    /// Writes it to a node.
    pub fn store(&self, node: &mut Node) {
        let time = |at: Option<OffsetDateTime>| at.and_then(|at| at.format(&Rfc3339).ok());
        let mut stored = JsonMap::new();
        stored.insert("phase".into(), self.phase.as_str().into());
        stored.insert("since".into(), time(self.since).into());
        stored.insert("fetched".into(), self.fetched.clone().into());
        stored.insert("fetched_at".into(), time(self.fetched_at).into());
        node.status.driver_internal_info.insert(INSTALLER.to_owned(), Value::Object(stored));
    }

    /// Goes on to a later phase; says whether it did.
    pub fn reach(&mut self, phase: InstallerPhase, now: OffsetDateTime) -> bool {
        let later = phase > self.phase && !self.phase.is_final();
        if later {
            self.phase = phase;
            self.since = Some(now);
        }
        later
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::ProvisionState;

    #[test]
    fn rows_stand_in_the_order_of_the_enum() {
        for (index, (phase, word, _)) in PHASES.into_iter().enumerate() {
            assert_eq!(phase as usize, index);
            assert_eq!(InstallerPhase::find(word), Some(phase));
        }
    }

    #[test]
    fn a_run_survives_the_node_and_only_goes_forward() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let mut node = Node::new(uuid::Uuid::nil(), "redfish", ProvisionState::Deploying, now);
        assert_eq!(InstallerRun::of(&node), None);
        let mut run =
            InstallerRun { phase: InstallerPhase::Booting, since: None, fetched: None, fetched_at: None };
        assert!(run.reach(InstallerPhase::FetchedAnswers, now));
        run.fetched = Some("ks.cfg".into());
        run.store(&mut node);
        assert_eq!(InstallerRun::of(&node).as_ref(), Some(&run));
        assert!(!run.reach(InstallerPhase::FetchedKernel, now) && run.reach(InstallerPhase::Failed, now));
        assert!(!run.reach(InstallerPhase::Ended, now));
    }
}
