//! What a node boots, found by the token in the URL it fetches, or by its network card.

use crate::control::Control;
use crate::error::ControlError;
use crate::task_read::{ports_of, ports_with};
use ferric_db::{Conn, DbError, boots, nodes, tasks};
use ferric_model::action::Action;
use ferric_model::boot::{BootPurpose, BootTicket};
use ferric_model::hardware::{InterfaceKind, NETWORK_BOOT};
use ferric_model::installer::InstallerRun;
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Node;
use ferric_model::port::Port;
use ferric_model::task::Task;
use serde_json::Value;
use uuid::Uuid;

/// States in which a node may boot what an instance runs that never comes to a disk.
const OF_INSTANCE: [ProvisionState; 4] = [
    ProvisionState::Deploying,
    ProvisionState::WaitCallBack,
    ProvisionState::Active,
    ProvisionState::Unrescuing,
];

/// What is to be booted, and by whom.
struct Found {
    token: String,
    /// None for an instance.
    task: Option<Task>,
    node: Node,
    ports: Vec<Port>,
}

impl Control {
    /// What the bearer of `token` may boot; none when it is unknown, when another attempt has followed, or when what it was
    /// for has ended.
    pub async fn boot_ticket(&self, token: &str) -> Result<Option<BootTicket>, ControlError> {
        let found = self
            .store()
            .read(async |conn: &mut Conn| match boots::find_by_token(conn, token).await? {
                Some(attempt) if attempt.ended_at.is_some() => Ok(None),
                Some(attempt) => read_found(conn, attempt.token, attempt.task_id, attempt.node_uuid).await,
                // A conductor of an earlier version boots under the token of its task.
                None => match tasks::find_by_boot_token(conn, token).await? {
                    Some(task) => read_found(conn, token.to_owned(), Some(task.id), task.node_uuid).await,
                    None => Ok(None),
                },
            })
            .await
            .map_err(ControlError::Database)?;
        Ok(found.filter(Found::is_wanted).map(|found| self.ticket(found)))
    }

    /// What the node with this network card may boot over the network; none when it does not want to, or not by this card.
    pub async fn boot_ticket_of_card(&self, mac: &str) -> Result<Option<BootTicket>, ControlError> {
        let found = self
            .store()
            .read(async |conn: &mut Conn| {
                let port = ports_with(conn, &[mac.to_owned()]).await?.pop();
                let Some(port) = port.filter(|port| port.pxe_enabled) else { return Ok(None) };
                let mut last = None;
                // The ramdisk goes before the instance, which is older.
                for attempt in boots::find_open(conn, port.node_uuid).await? {
                    let found = read_found(conn, attempt.token, attempt.task_id, attempt.node_uuid).await?;
                    last = found.filter(Found::is_wanted);
                    if last.is_some() {
                        break;
                    }
                }
                Ok(last)
            })
            .await
            .map_err(ControlError::Database)?;
        Ok(found.filter(|found| boots_over_network(&found.node)).map(|found| self.ticket(found)))
    }

    fn ticket(&self, Found { token, task, node, ports }: Found) -> BootTicket {
        let api_url = self.settings().ramdisk_api_url().to_owned();
        let boot_port = ports.iter().find(|port| port.pxe_enabled).or_else(|| ports.first());
        let internal = &node.status.driver_internal_info;
        let agent_token = internal.get("agent_secret_token").and_then(Value::as_str).map(str::to_owned);
        let action = task.as_ref().map(|task| task.action);
        BootTicket {
            purpose: if task.is_some() { BootPurpose::Ramdisk } else { BootPurpose::Instance },
            base_url: self.settings().boot_url(&token),
            token,
            agent_token: agent_token.filter(|_| task.is_some()),
            boot_interface: boot_port.map(|port| port.address.clone()),
            inspection_callback_url: (action == Some(Action::Inspect))
                .then(|| format!("{api_url}/v1/continue_inspection")),
            publisher_id: task.map_or(node.uuid, |task| task.id).to_string(),
            action,
            api_url,
            node,
        }
    }
}

impl Found {
    /// Whether somebody still wants it to be booted.
    fn is_wanted(&self) -> bool {
        match &self.task {
            // An installer that has said its last word gets nothing any more.
            Some(task) => {
                !task.state.is_final() && InstallerRun::of(&self.node).is_none_or(|run| !run.phase.is_final())
            }
            None => OF_INSTANCE.contains(&self.node.state()),
        }
    }
}

/// Attempts for instances belong to no task.
async fn read_found(
    conn: &mut Conn,
    token: String,
    task_id: Option<Uuid>,
    node_uuid: Uuid,
) -> Result<Option<Found>, DbError> {
    let task = match task_id {
        Some(id) => match tasks::find(conn, id).await? {
            Some(task) => Some(task),
            None => return Ok(None),
        },
        None => None,
    };
    let Some(node) = nodes::find(conn, &node_uuid.into()).await? else { return Ok(None) };
    let ports = ports_of(conn, node.uuid).await?;
    Ok(Some(Found { token, task, node, ports }))
}

fn boots_over_network(node: &Node) -> bool {
    let boot = node.spec.interfaces.get(&InterfaceKind::Boot);
    boot.is_some_and(|boot| NETWORK_BOOT.contains(&boot.as_str()))
}
