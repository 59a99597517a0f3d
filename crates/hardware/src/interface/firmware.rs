//! Firmware: reading versions and updating components.

use super::Steps;
use crate::{HardwareError, TaskView};
use async_trait::async_trait;
use ferric_model::firmware::FirmwareComponents;
use ferric_model::node::Node;

/// Reads the firmware versions of a node; its step `update` (argument `settings`: a list of
/// `{"component", "url", "wait"?}`) changes them.
///
/// A step that changes firmware tells the versions in [`ferric_model::report::Observed::firmware`] of its outcome.
#[async_trait]
pub trait Firmware: Steps {
    /// Whether the node's description suffices.
    fn validate(&self, node: &Node) -> Result<(), HardwareError>;

    /// Reads the components whose version can be told now: `bios`, `bmc`, `nic:<id>`; none when there is nothing to be
    /// read. What is known of components that are left out stays.
    ///
    /// It is asked when a node is verified and after it was cleaned; a failure is logged and fails nothing.
    async fn read_components(&self, task: &TaskView) -> Result<Option<FirmwareComponents>, HardwareError>;
}
