//! What a node boots, found by the token in the URL it fetches.

use crate::control::Control;
use crate::error::ControlError;
use crate::task_read::ports_of;
use ferric_db::{Conn, nodes, tasks};
use ferric_model::action::Action;
use ferric_model::node::Node;
use uuid::Uuid;

/// Everything from which the boot artefacts of one task are made.
#[derive(Debug, Clone)]
pub struct BootRequest {
    /// The node, secrets included.
    pub node: Node,
    /// The task that the ramdisk is booted for.
    pub task: Uuid,
    /// What the ramdisk is booted for.
    pub action: Action,
    /// Base URL of the REST API as the ramdisk reaches it.
    pub api_url: String,
    /// The agent's token, made before the boot.
    pub agent_token: Option<String>,
    /// MAC address of the card to use.
    pub boot_interface: Option<String>,
    /// Where the ramdisk posts what it finds, when it is booted for an inspection.
    pub inspection_callback_url: Option<String>,
    /// The same for every fetch of one task, so that all replicas make the same bytes.
    pub publisher_id: String,
}

impl Control {
    /// Finds what the bearer of `token` may boot.
    ///
    /// **Errors**: `NotFound` for a token that is unknown or whose task has ended.
    pub async fn boot_request(&self, token: &str) -> Result<BootRequest, ControlError> {
        let gone = || ControlError::NotFound("there is nothing to boot under this address".to_owned());
        let found = self
            .store()
            .read(async |conn: &mut Conn| {
                let Some(task) = tasks::find_by_boot_token(conn, token).await? else { return Ok(None) };
                let Some(node) = nodes::find(conn, &task.node_uuid.into()).await? else { return Ok(None) };
                let ports = ports_of(conn, node.uuid).await?;
                Ok(Some((task, node, ports)))
            })
            .await
            .map_err(ControlError::Database)?;
        let (task, node, ports) = found.filter(|(task, _, _)| !task.state.is_final()).ok_or_else(gone)?;
        let api_url = self.settings().ramdisk_api_url().to_owned();
        let boot_port = ports.iter().find(|port| port.pxe_enabled).or_else(|| ports.first());
        Ok(BootRequest {
            task: task.id,
            action: task.action,
            agent_token: node
                .status
                .driver_internal_info
                .get("agent_secret_token")
                .and_then(serde_json::Value::as_str)
                .map(str::to_owned),
            boot_interface: boot_port.map(|port| port.address.clone()),
            inspection_callback_url: (task.action == Action::Inspect)
                .then(|| format!("{api_url}/v1/continue_inspection")),
            publisher_id: task.id.to_string(),
            api_url,
            node,
        })
    }
}
