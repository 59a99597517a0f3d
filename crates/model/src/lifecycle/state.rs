//! Provision states; their words appear here and nowhere else.

use serde::{Deserialize, Serialize};

/// A provision state.
///
/// Source: `contract: state-machine` section 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ProvisionState {
    /// `enroll`
    #[serde(rename = "enroll")]
    Enroll,
    /// `verifying`
    #[serde(rename = "verifying")]
    Verifying,
    /// `manageable`
    #[serde(rename = "manageable")]
    Manageable,
    /// `available`
    #[serde(rename = "available")]
    Available,
    /// `deploying`
    #[serde(rename = "deploying")]
    Deploying,
    /// `wait call-back`
    #[serde(rename = "wait call-back")]
    WaitCallBack,
    /// `deploy failed`
    #[serde(rename = "deploy failed")]
    DeployFailed,
    /// `deploy hold`
    #[serde(rename = "deploy hold")]
    DeployHold,
    /// `active`
    #[serde(rename = "active")]
    Active,
    /// `error`
    #[serde(rename = "error")]
    Error,
    /// `deleting`
    #[serde(rename = "deleting")]
    Deleting,
    /// `cleaning`
    #[serde(rename = "cleaning")]
    Cleaning,
    /// `clean wait`
    #[serde(rename = "clean wait")]
    CleanWait,
    /// `clean failed`
    #[serde(rename = "clean failed")]
    CleanFailed,
    /// `clean hold`
    #[serde(rename = "clean hold")]
    CleanHold,
    /// `inspecting`
    #[serde(rename = "inspecting")]
    Inspecting,
    /// `inspect wait`
    #[serde(rename = "inspect wait")]
    InspectWait,
    /// `inspect failed`
    #[serde(rename = "inspect failed")]
    InspectFailed,
    /// `adopting`
    #[serde(rename = "adopting")]
    Adopting,
    /// `adopt failed`
    #[serde(rename = "adopt failed")]
    AdoptFailed,
    /// `rescue`
    #[serde(rename = "rescue")]
    Rescue,
    /// `rescuing`
    #[serde(rename = "rescuing")]
    Rescuing,
    /// `rescue wait`
    #[serde(rename = "rescue wait")]
    RescueWait,
    /// `rescue failed`
    #[serde(rename = "rescue failed")]
    RescueFailed,
    /// `unrescuing`
    #[serde(rename = "unrescuing")]
    Unrescuing,
    /// `unrescue failed`
    #[serde(rename = "unrescue failed")]
    UnrescueFailed,
    /// `servicing`
    #[serde(rename = "servicing")]
    Servicing,
    /// `service wait`
    #[serde(rename = "service wait")]
    ServiceWait,
    /// `service failed`
    #[serde(rename = "service failed")]
    ServiceFailed,
    /// `service hold`
    #[serde(rename = "service hold")]
    ServiceHold,
}

use ProvisionState as S;

/// Word, class and target of each state, in the order of the enum.
const ROWS: [(S, &str, Class, Option<S>); 30] = [
    (S::Enroll, "enroll", Class::Stable, None),
    (S::Verifying, "verifying", Class::Working, Some(S::Manageable)),
    (S::Manageable, "manageable", Class::Stable, None),
    (S::Available, "available", Class::Stable, None),
    (S::Deploying, "deploying", Class::Working, Some(S::Active)),
    (S::WaitCallBack, "wait call-back", Class::Waiting, Some(S::Active)),
    (S::DeployFailed, "deploy failed", Class::Failed, Some(S::Active)),
    (S::DeployHold, "deploy hold", Class::Hold, Some(S::Active)),
    (S::Active, "active", Class::Stable, None),
    (S::Error, "error", Class::Stable, None),
    (S::Deleting, "deleting", Class::Working, Some(S::Available)),
    (S::Cleaning, "cleaning", Class::Working, Some(S::Available)),
    (S::CleanWait, "clean wait", Class::Waiting, Some(S::Available)),
    (S::CleanFailed, "clean failed", Class::Failed, Some(S::Available)),
    (S::CleanHold, "clean hold", Class::Hold, Some(S::Available)),
    (S::Inspecting, "inspecting", Class::Working, Some(S::Manageable)),
    (S::InspectWait, "inspect wait", Class::Waiting, Some(S::Manageable)),
    (S::InspectFailed, "inspect failed", Class::Failed, Some(S::Manageable)),
    (S::Adopting, "adopting", Class::Working, Some(S::Active)),
    (S::AdoptFailed, "adopt failed", Class::Failed, Some(S::Active)),
    (S::Rescue, "rescue", Class::Stable, None),
    (S::Rescuing, "rescuing", Class::Working, Some(S::Rescue)),
    (S::RescueWait, "rescue wait", Class::Waiting, Some(S::Rescue)),
    (S::RescueFailed, "rescue failed", Class::Failed, Some(S::Rescue)),
    (S::Unrescuing, "unrescuing", Class::Working, Some(S::Active)),
    (S::UnrescueFailed, "unrescue failed", Class::Failed, Some(S::Active)),
    (S::Servicing, "servicing", Class::Working, Some(S::Active)),
    (S::ServiceWait, "service wait", Class::Waiting, Some(S::Active)),
    (S::ServiceFailed, "service failed", Class::Failed, Some(S::Active)),
    (S::ServiceHold, "service hold", Class::Hold, Some(S::Active)),
];

/// What kind of rest or motion a state is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Stays until somebody asks for something.
    Stable,
    /// A conductor works on the node.
    Working,
    /// The ramdisk works; the next step comes with a heartbeat.
    Waiting,
    /// Something failed.
    Failed,
    /// Stopped on purpose between steps.
    Hold,
}

impl ProvisionState {
    /// Every state.
    pub fn all() -> impl Iterator<Item = Self> {
        ROWS.into_iter().map(|row| row.0)
    }

    /// Ironic's word for it.
    pub const fn as_str(self) -> &'static str {
        ROWS[self as usize].1
    }

    /// Reads Ironic's word.
    pub fn find(text: &str) -> Option<Self> {
        ROWS.into_iter().find(|row| row.1 == text).map(|row| row.0)
    }

    /// The target that entering this state imposes; stable states have none.
    pub const fn target(self) -> Option<Self> {
        ROWS[self as usize].3
    }

    /// Whether a node rests here until somebody asks for something.
    pub fn is_stable(self) -> bool {
        self.class() == Class::Stable
    }

    /// Whether a conductor must be working on a node that is here.
    pub fn is_working(self) -> bool {
        self.class() == Class::Working
    }

    /// Whether the next move comes from the ramdisk.
    pub fn is_waiting(self) -> bool {
        self.class() == Class::Waiting
    }

    /// Whether something failed.
    pub fn is_failed(self) -> bool {
        matches!(self.class(), Class::Failed) || self == Self::Error
    }

    /// Whether a node here may not have its boot mode changed: work runs or is awaited.
    pub fn is_unstable(self) -> bool {
        matches!(self.class(), Class::Working | Class::Waiting)
    }

    /// Whether people may be in the system in which the node is repaired.
    pub const fn is_of_rescue(self) -> bool {
        matches!(
            self,
            S::Rescue | S::RescueWait | S::RescueFailed | S::Rescuing | S::Unrescuing | S::UnrescueFailed
        )
    }

    /// Whether the agent may look the node up.
    pub const fn allows_lookup(self) -> bool {
        matches!(
            self,
            S::Deploying
                | S::WaitCallBack
                | S::Cleaning
                | S::CleanWait
                | S::Inspecting
                | S::InspectWait
                | S::Rescuing
                | S::RescueWait
                | S::ServiceWait
        )
    }

    /// Whether the agent may look up a node of which it is kept between two works.
    pub const fn allows_fast_track_lookup(self) -> bool {
        self.allows_lookup()
            || matches!(self, S::Enroll | S::Manageable | S::Available | S::Servicing | S::ServiceHold)
    }

    /// Whether fields may be patched although a target is set.
    pub const fn allows_update_in_transition(self) -> bool {
        matches!(
            self,
            S::DeployFailed
                | S::Inspecting
                | S::InspectFailed
                | S::InspectWait
                | S::CleanFailed
                | S::Error
                | S::Verifying
                | S::AdoptFailed
                | S::RescueFailed
                | S::UnrescueFailed
                | S::ServiceHold
                | S::ServiceFailed
        )
    }

    /// Whether a node may be deleted here without being in maintenance.
    pub const fn allows_delete(self) -> bool {
        matches!(
            self,
            S::Enroll | S::Manageable | S::Available | S::CleanFailed | S::InspectFailed | S::AdoptFailed
        )
    }

    const fn class(self) -> Class {
        ROWS[self as usize].2
    }
}

impl std::fmt::Display for ProvisionState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::{ProvisionState, ROWS};

    #[test]
    fn rows_stand_in_the_order_of_the_enum() {
        for (index, row) in ROWS.into_iter().enumerate() {
            assert_eq!(row.0 as usize, index);
            assert_eq!(ProvisionState::find(row.1), Some(row.0));
            assert_eq!(serde_json::to_value(row.0).unwrap(), row.1);
            assert!(row.1.len() <= 15);
        }
    }
}
