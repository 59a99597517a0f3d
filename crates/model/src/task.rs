//! Tasks: one accepted execution of an action, with its lease.

mod protocol;

pub use protocol::{Announcement, Fence, LostLease, ReportVerdict, usable_part};

use crate::action::Action;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskState {
    /// Accepted; an envelope is on its way to a conductor.
    Queued,
    /// A conductor holds the lease.
    Running,
    /// Waits for the ramdisk or a deadline; nobody holds a lease.
    Parked,
    /// Ended well.
    Succeeded,
    /// Ended badly; the node's history says why.
    Failed,
}

/// A task.
///
/// **Invariant** (I-6): every write of a conductor names `epoch` and `sequence`; an older pair is ignored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Identity.
    pub id: Uuid,
    /// The node it works on.
    pub node_uuid: Uuid,
    /// The group whose queue it is sent to.
    pub conductor_group: String,
    /// What is done.
    pub action: Action,
    /// Where it stands.
    pub state: TaskState,
    /// Arguments of the action, see [`params`].
    pub params: Value,
    /// The conductor's own notes on how far it came; opaque to the control plane.
    pub progress: Value,
    /// Counts the claims: the fence.
    pub epoch: i64,
    /// Number of the last report of this epoch.
    pub sequence: i64,
    /// Claims that ended without a report: a task that kills its conductors is given up.
    pub lost_leases: i32,
    /// Host name of the conductor that holds the lease.
    pub claimed_by: Option<String>,
    /// When the lease ends.
    #[serde(with = "time::serde::rfc3339::option")]
    pub lease_expires_at: Option<OffsetDateTime>,
    /// When a parked task has waited too long.
    #[serde(with = "time::serde::rfc3339::option")]
    pub deadline_at: Option<OffsetDateTime>,
    /// Secret part of the URL under which the node fetches its boot artefacts.
    pub boot_token: Option<String>,
    /// Who asked.
    pub user: Option<String>,
    /// In which project.
    pub project: Option<String>,
    /// The request that caused it.
    pub request_id: Option<String>,
    /// What a synchronous caller gets.
    pub result: Option<Value>,
    /// When it was accepted.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it was first claimed.
    #[serde(with = "time::serde::rfc3339::option")]
    pub started_at: Option<OffsetDateTime>,
    /// When it ended.
    #[serde(with = "time::serde::rfc3339::option")]
    pub finished_at: Option<OffsetDateTime>,
    /// The item of an operation whose work it is.
    pub operation_item: Option<i64>,
    /// When a parked task goes on by itself.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub resume_at: Option<OffsetDateTime>,
    /// The task that waits for the end of this one.
    #[serde(default)]
    pub awaited_by: Option<Uuid>,
}

/// Arguments of actions.
pub mod params {
    use crate::JsonMap;
    use crate::power::PowerTarget;
    use crate::step::{Step, StepKind};
    use serde::{Deserialize, Serialize};
    use uuid::Uuid;

    /// Arguments of [`super::Action::Power`].
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Power {
        /// What to reach.
        pub target: PowerTarget,
        /// How long to wait for it, in seconds; the configuration decides if none is given.
        pub timeout_secs: Option<u64>,
    }

    /// Arguments of [`super::Action::SetBootDevice`].
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct BootDevice {
        /// Ironic's word: `pxe`, `disk`, `cdrom`, `bios`, …
        pub boot_device: String,
        /// For every boot, or the next one only.
        pub persistent: bool,
    }

    /// Arguments of [`super::Action::SetBootMode`].
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct BootMode {
        /// `uefi` or `bios`.
        pub target: String,
    }

    /// Arguments of [`super::Action::SetSecureBoot`].
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct SecureBoot {
        /// Whether it is to be on.
        pub target: bool,
    }

    /// Arguments of [`super::Action::GetIndicator`] and [`super::Action::SetIndicator`].
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Indicator {
        /// Part of the node that has it: `system`, `chassis`, `drive`, …
        pub component: String,
        /// Its name there.
        pub indicator: String,
        /// What to set it to; none only reads.
        pub state: Option<String>,
    }

    /// Arguments of [`super::Action::AttachVirtualMedia`].
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct AttachVirtualMedia {
        /// `cdrom`, `disk` or `floppy`.
        pub device_type: String,
        /// Where the image is.
        pub image_url: String,
        /// `http` hands the URL to the BMC, `local` serves the image from the conductor's side, `swift` from a store.
        pub image_download_source: String,
    }

    /// Arguments of [`super::Action::DetachVirtualMedia`].
    #[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
    #[serde(default)]
    pub struct DetachVirtualMedia {
        /// Which types of devices; none means all.
        pub device_types: Option<Vec<String>>,
    }

    /// Arguments of [`super::Action::CallVendorMethod`] and [`super::Action::RunVendorMethod`].
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct VendorMethod {
        /// Name of the method.
        pub method: String,
        /// HTTP method of the request, in capitals.
        pub http_method: String,
        /// Its arguments.
        pub args: JsonMap,
    }

    /// Arguments of [`super::Action::Clean`], and of the cleaning that ends [`super::Action::TearDown`].
    #[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
    #[serde(default)]
    pub struct Clean {
        /// Whether anything is to be cleaned; `provide` passes through `cleaning` even if not.
        pub enabled: bool,
        /// Steps that somebody chose, in that order; none means all steps by priority.
        pub steps: Option<Vec<Step>>,
        /// Whether to do it without booting the ramdisk.
        pub disable_ramdisk: bool,
    }

    /// Arguments of [`super::Action::TearDown`].
    #[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
    #[serde(default)]
    pub struct TearDown {
        /// The cleaning that follows.
        #[serde(flatten)]
        pub clean: Clean,
        /// Whether the node was rescued, or about to be.
        pub rescued: bool,
    }

    /// Arguments of [`super::Action::Service`].
    #[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
    #[serde(default)]
    pub struct Service {
        /// The steps, in their order.
        pub steps: Vec<Step>,
        /// Whether to do it without booting the ramdisk.
        pub disable_ramdisk: bool,
    }

    /// Arguments of [`super::Action::Deploy`].
    #[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
    #[serde(default)]
    pub struct Deploy {
        /// Whether this replaces what is deployed.
        pub rebuild: bool,
        /// Steps that override the driver's.
        pub steps: Vec<Step>,
    }

    /// Arguments of [`super::Action::AttachVif`].
    #[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
    #[serde(default)]
    pub struct AttachVif {
        /// The VIF.
        pub vif: String,
        /// Only this port may take it.
        pub port_uuid: Option<Uuid>,
        /// Only this portgroup may take it.
        pub portgroup_uuid: Option<Uuid>,
    }

    /// Arguments of [`super::Action::DetachVif`].
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    pub struct DetachVif {
        /// The VIF.
        pub vif: String,
    }

    /// Arguments of [`super::Action::ChildStep`].
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct ChildStep {
        /// What the step is part of.
        pub kind: StepKind,
        /// The step.
        pub step: Step,
    }

    /// Arguments of [`super::Action::Abort`].
    #[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
    #[serde(default)]
    pub struct Abort {
        /// Word of the action that was aborted.
        pub aborted: String,
        /// Whether the node is to run its instance afterwards.
        pub restore: bool,
    }
}

impl TaskState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Queued, Self::Running, Self::Parked, Self::Succeeded, Self::Failed];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Parked => "parked",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }

    /// Reads the word.
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether the task has ended.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }
}
