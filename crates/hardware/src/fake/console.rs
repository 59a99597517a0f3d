//! Console of a fake node.

use super::script::play;
use crate::{Console, HardwareError, TaskView};
use async_trait::async_trait;
use ferric_model::JsonMap;
use ferric_model::node::Node;
use ferric_model::report::Observed;

/// The fake console interface: it starts and stops, and there is nothing to see.
#[derive(Debug, Default, Clone, Copy)]
pub struct FakeConsole;

#[async_trait]
impl Console for FakeConsole {
    fn validate(&self, _: &Node) -> Result<(), HardwareError> {
        Ok(())
    }

    async fn start_console(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        play(&task.node, "console").await.map(|()| Observed::default())
    }

    async fn stop_console(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        play(&task.node, "console").await.map(|()| Observed::default())
    }

    async fn get_console(&self, _: &TaskView) -> Result<JsonMap, HardwareError> {
        Ok(JsonMap::new())
    }
}
