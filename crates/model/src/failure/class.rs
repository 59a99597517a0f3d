//! Where to look for the reason of a failure.

/// Where to look for the reason of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FailureClass {
    /// What was asked for, or how the node is described.
    Request,
    /// The BMC, or the way to it.
    Bmc,
    /// The node's firmware, disks and cables.
    Node,
    /// What the node boots from, and who serves it.
    Boot,
    /// The ramdisk and its agent.
    Agent,
    /// The image, and who serves it.
    Image,
    /// The network service.
    Network,
    /// Ferric's own processes.
    Ferric,
}

impl FailureClass {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Bmc => "bmc",
            Self::Node => "node",
            Self::Boot => "boot",
            Self::Agent => "agent",
            Self::Image => "image",
            Self::Network => "network",
            Self::Ferric => "ferric",
        }
    }
}
