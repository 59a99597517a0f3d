//! Network: the networks of what is deployed on a node, and those of its ramdisk.

use crate::{HardwareError, TaskView};
use async_trait::async_trait;
use ferric_model::action::Action;
use ferric_model::node::Node;
use ferric_model::report::Observed;
use ferric_model::task::params::AttachVif;

/// What a ramdisk is booted for: it says in which of the operator's networks it works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RamdiskNetwork {
    /// Deploying.
    Provisioning,
    /// Cleaning.
    Cleaning,
    /// Inspecting.
    Inspection,
    /// Repairing a deployed node.
    Rescuing,
    /// Serving a deployed node.
    Servicing,
}

/// Connects a node to networks.
///
/// What changes in the ports of the node comes back in [`Observed::port_changes`]. Every operation may be repeated.
#[async_trait]
pub trait Network: Send + Sync + std::fmt::Debug {
    /// Whether the node's description suffices.
    fn validate(&self, node: &Node) -> Result<(), HardwareError>;

    /// Attaches a VIF to a port or portgroup that is free, and connects it at once if the node is in use.
    async fn attach_vif(&self, task: &TaskView, vif: &AttachVif) -> Result<Observed, HardwareError>;

    /// Disconnects and detaches a VIF.
    async fn detach_vif(&self, task: &TaskView, vif: &str) -> Result<Observed, HardwareError>;

    /// Brings the node into the network of its ramdisk. The node is powered off.
    async fn enter_ramdisk_network(
        &self,
        task: &TaskView,
        network: RamdiskNetwork,
    ) -> Result<Observed, HardwareError>;

    /// Takes the node out of the network of its ramdisk.
    async fn leave_ramdisk_network(
        &self,
        task: &TaskView,
        network: RamdiskNetwork,
    ) -> Result<Observed, HardwareError>;

    /// Connects all VIFs of the node.
    async fn connect_vifs(&self, task: &TaskView) -> Result<Observed, HardwareError>;

    /// Disconnects all VIFs of the node; they stay attached.
    async fn disconnect_vifs(&self, task: &TaskView) -> Result<Observed, HardwareError>;
}

impl RamdiskNetwork {
    /// The network of the ramdisk that is booted in the course of an action.
    pub const fn of(action: Action) -> Option<Self> {
        match action {
            Action::Deploy => Some(Self::Provisioning),
            Action::Clean | Action::TearDown => Some(Self::Cleaning),
            Action::Inspect => Some(Self::Inspection),
            Action::Rescue | Action::Unrescue => Some(Self::Rescuing),
            Action::Service => Some(Self::Servicing),
            _ => None,
        }
    }

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provisioning => "provisioning",
            Self::Cleaning => "cleaning",
            Self::Inspection => "inspection",
            Self::Rescuing => "rescuing",
            Self::Servicing => "servicing",
        }
    }

    /// Whether the node is in the networks of its instance, which it leaves for this one.
    pub const fn replaces_vifs(self) -> bool {
        matches!(self, Self::Rescuing | Self::Servicing)
    }
}
