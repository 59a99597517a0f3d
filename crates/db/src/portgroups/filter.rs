//! Which portgroups are meant.

use crate::nodes::OfNodes;

/// Which portgroups a list is about; an empty filter means all.
///
/// Source: `contract: rest-api` section 5.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PortgroupFilter {
    /// Of these nodes.
    pub of: OfNodes,
    /// With this MAC address, lower case.
    pub address: Option<String>,
}
