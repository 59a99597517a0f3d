//! Console: seeing what the node shows.

use crate::{HardwareError, TaskView};
use async_trait::async_trait;
use ferric_model::JsonMap;
use ferric_model::node::Node;
use ferric_model::report::Observed;

/// Opens a way to the console of a node.
#[async_trait]
pub trait Console: Send + Sync + std::fmt::Debug {
    /// Whether the node's description suffices.
    fn validate(&self, node: &Node) -> Result<(), HardwareError>;

    /// Starts the console; gives what has to be remembered of it. One that runs already costs nothing.
    async fn start_console(&self, task: &TaskView) -> Result<Observed, HardwareError>;

    /// Stops the console. One that does not run costs nothing.
    async fn stop_console(&self, task: &TaskView) -> Result<Observed, HardwareError>;

    /// How the console that runs is reached: `{"type", "url"}`, or nothing where there is nothing to tell.
    async fn get_console(&self, task: &TaskView) -> Result<JsonMap, HardwareError>;
}
