//! What the management interface of a node does.

pub(super) mod boot_device;
pub(super) mod indicators;
pub(super) mod nmi;
