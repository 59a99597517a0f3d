//! BIOS: reading and changing settings.

use super::Steps;
use crate::{HardwareError, TaskView};
use async_trait::async_trait;
use ferric_model::bios::BiosSettings;
use ferric_model::node::Node;

/// Reads the BIOS settings of a node; its steps `apply_configuration` (argument `settings`: a list of
/// `{"name", "value"}`) and `factory_reset` change them.
///
/// A step that changes settings tells all of them in [`ferric_model::report::Observed::bios`] of its outcome.
#[async_trait]
pub trait Bios: Steps {
    /// Whether the node's description suffices.
    fn validate(&self, node: &Node) -> Result<(), HardwareError>;

    /// Reads every setting; none when there is nothing to be read, which leaves what is known as it is.
    ///
    /// It is asked when a node is verified and after it was cleaned; a failure is logged and fails nothing.
    async fn read_settings(&self, task: &TaskView) -> Result<Option<BiosSettings>, HardwareError>;
}
