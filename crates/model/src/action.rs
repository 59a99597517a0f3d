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
    /// Take over a node that runs what somebody else deployed.
    Adopt,
    /// Run steps on a deployed node.
    Service,
    /// Boot a system in which an operator can repair the node.
    Rescue,
    /// Give the node back to its instance.
    Unrescue,
    /// Change the power state.
    Power,
    /// Read the boot device; the caller waits for the result.
    GetBootDevice,
    /// Set the boot device; the caller waits for the result.
    SetBootDevice,
    /// Change the boot mode.
    SetBootMode,
    /// Switch secure boot.
    SetSecureBoot,
    /// Interrupt the operating system; the caller waits for the result.
    InjectNmi,
    /// Find out which indicators there are; the caller waits for the result.
    ListIndicators,
    /// Read an indicator; the caller waits for the result.
    GetIndicator,
    /// Set an indicator; the caller waits for the result.
    SetIndicator,
    /// Read the virtual media devices; the caller waits for the result.
    GetVirtualMedia,
    /// Insert an image into a virtual media device.
    AttachVirtualMedia,
    /// Eject virtual media.
    DetachVirtualMedia,
    /// Find out how to reach the console; the caller waits for the result.
    GetConsole,
    /// Start the console.
    StartConsole,
    /// Stop the console.
    StopConsole,
    /// Call a vendor method; the caller waits for the result.
    CallVendorMethod,
    /// Run a vendor method.
    RunVendorMethod,
    /// Attach a VIF; the caller waits for the result.
    AttachVif,
    /// Detach a VIF; the caller waits for the result.
    DetachVif,
    /// One step for the node that contains this one.
    ChildStep,
}

/// What a task of an action is to its node and to its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// A way through provision states, with or without steps.
    Flow,
    /// One operation beside all flows; the caller does not wait.
    Operation,
    /// The same; the caller waits.
    Call,
}

/// Word and manner of each action, in the order of the enum.
const ROWS: [(Action, &str, Manner); 30] = [
    (Action::Verify, "verify", Manner::Flow),
    (Action::Inspect, "inspect", Manner::Flow),
    (Action::Clean, "clean", Manner::Flow),
    (Action::Deploy, "deploy", Manner::Flow),
    (Action::TearDown, "tear_down", Manner::Flow),
    (Action::Abort, "abort", Manner::Flow),
    (Action::Adopt, "adopt", Manner::Flow),
    (Action::Service, "service", Manner::Flow),
    (Action::Rescue, "rescue", Manner::Flow),
    (Action::Unrescue, "unrescue", Manner::Flow),
    (Action::Power, "power", Manner::Operation),
    (Action::GetBootDevice, "get_boot_device", Manner::Call),
    (Action::SetBootDevice, "set_boot_device", Manner::Call),
    (Action::SetBootMode, "set_boot_mode", Manner::Operation),
    (Action::SetSecureBoot, "set_secure_boot", Manner::Operation),
    (Action::InjectNmi, "inject_nmi", Manner::Call),
    (Action::ListIndicators, "list_indicators", Manner::Call),
    (Action::GetIndicator, "get_indicator", Manner::Call),
    (Action::SetIndicator, "set_indicator", Manner::Call),
    (Action::GetVirtualMedia, "get_virtual_media", Manner::Call),
    (Action::AttachVirtualMedia, "attach_virtual_media", Manner::Operation),
    (Action::DetachVirtualMedia, "detach_virtual_media", Manner::Operation),
    (Action::GetConsole, "get_console", Manner::Call),
    (Action::StartConsole, "start_console", Manner::Operation),
    (Action::StopConsole, "stop_console", Manner::Operation),
    (Action::CallVendorMethod, "call_vendor_method", Manner::Call),
    (Action::RunVendorMethod, "run_vendor_method", Manner::Operation),
    (Action::AttachVif, "attach_vif", Manner::Call),
    (Action::DetachVif, "detach_vif", Manner::Call),
    (Action::ChildStep, "child_step", Manner::Operation),
];

impl Action {
    /// Every action.
    pub fn all() -> impl Iterator<Item = Self> {
        ROWS.into_iter().map(|row| row.0)
    }

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        ROWS[self as usize].1
    }

    /// Reads the word.
    pub fn find(text: &str) -> Option<Self> {
        ROWS.into_iter().find(|row| row.1 == text).map(|row| row.0)
    }

    /// Whether the caller's request waits for the result instead of being answered 202.
    pub const fn is_synchronous(self) -> bool {
        matches!(ROWS[self as usize].2, Manner::Call)
    }

    /// Whether it is a way through provision states; everything else leaves the state, and the steps of whatever waits
    /// in it, as they are.
    pub const fn is_flow(self) -> bool {
        matches!(ROWS[self as usize].2, Manner::Flow)
    }

    /// Whether the node's last error is about this and what came after it: forgotten when it begins and when it ends well.
    /// What cleans up after a failure, or only asks, does not make the failure undone.
    pub const fn answers_for_last_error(self) -> bool {
        !self.is_synchronous() && !matches!(self, Self::Abort | Self::RunVendorMethod)
    }

    /// Whether a ramdisk may be booted in its course.
    pub const fn may_boot_ramdisk(self) -> bool {
        matches!(
            self,
            Self::Inspect | Self::Clean | Self::Deploy | Self::TearDown | Self::Service | Self::Rescue
        )
    }
}

#[cfg(test)]
mod tests {
    use super::ROWS;

    #[test]
    fn rows_stand_in_the_order_of_the_enum() {
        for (index, (action, word, _)) in ROWS.into_iter().enumerate() {
            assert_eq!(action as usize, index);
            assert_eq!(serde_json::to_value(action).unwrap(), word);
        }
    }
}
