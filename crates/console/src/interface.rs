//! The console interface `ipmitool-socat`.

use crate::host::ConsoleHost;
use async_trait::async_trait;
use ferric_hardware::interface::{Console, SerialOverLan};
use ferric_hardware::{HardwareError, HardwareErrorKind, TaskView};
use ferric_model::JsonMap;
use ferric_model::node::Node;
use ferric_model::report::Observed;
use serde_json::{Value, json};
use std::sync::Arc;

/// Keys of `driver_internal_info`: how the console is reached, and the machine on which it runs.
const URL: &str = "console_url";
const MACHINE: &str = "console_machine";

#[derive(Debug)]
struct IpmitoolSocat {
    host: ConsoleHost,
    serial: Arc<dyn SerialOverLan>,
}

/// The console interface `ipmitool-socat` of a hardware type, whose BMCs offer their consoles as `serial` says.
pub fn ipmitool_socat(host: ConsoleHost, serial: Arc<dyn SerialOverLan>) -> Arc<dyn Console> {
    Arc::new(IpmitoolSocat { host, serial })
}

#[async_trait]
impl Console for IpmitoolSocat {
    fn validate(&self, node: &Node) -> Result<(), HardwareError> {
        self.serial.validate(node)
    }

    async fn start_console(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        let target = self.serial.target(&task.node).await?;
        let url = self.host.start(task.node.uuid, &target).await?;
        Ok(remember(url.into(), self.host.machine().into()))
    }

    async fn stop_console(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        self.host.stop(task.node.uuid).await;
        Ok(remember(Value::Null, Value::Null))
    }

    /// The console may run in another conductor; what that one said is what is told.
    async fn get_console(&self, task: &TaskView) -> Result<JsonMap, HardwareError> {
        let url = match self.host.url(task.node.uuid).await {
            Some(url) => url,
            None => task.internal_str(URL).map(str::to_owned).ok_or_else(not_running)?,
        };
        Ok(JsonMap::from_iter([("type".to_owned(), json!("socat")), ("url".to_owned(), json!(url))]))
    }

    async fn tend(&self, node: &Node) {
        let known = |key: &str| node.status.driver_internal_info.get(key).and_then(Value::as_str);
        if !node.status.console_enabled {
            self.host.stop(node.uuid).await;
            return;
        }
        let ours = known(MACHINE) == Some(self.host.machine());
        if !ours || self.host.url(node.uuid).await.is_some() {
            return;
        }
        let started = match self.serial.target(node).await {
            Ok(target) => self.host.start_again(node.uuid, &target, known(URL).unwrap_or_default()).await,
            Err(error) => Err(error),
        };
        match started {
            Ok(url) => tracing::info!(node.uuid = %node.uuid, url, "the console was started again"),
            Err(error) => {
                tracing::warn!(node.uuid = %node.uuid, %error, "the console could not be started again")
            }
        }
    }
}

fn remember(url: Value, machine: Value) -> Observed {
    let driver_internal_info = JsonMap::from_iter([(URL.to_owned(), url), (MACHINE.to_owned(), machine)]);
    Observed { driver_internal_info, ..Observed::default() }
}

fn not_running() -> HardwareError {
    HardwareError::new(
        HardwareErrorKind::Refused,
        "console-not-running",
        "nobody knows how the console of the node is reached",
        "stop the console and start it again",
    )
}
