//! Claiming a task: a conductor takes it, with a lease and a fence.

use crate::commit::Change;
use crate::control::Control;
use crate::errands::{awaits_errands, errands_of};
use crate::error::ControlError;
use crate::nodes::takes_vifs;
use crate::task_read::portgroups_of;
use ferric_db::{Conn, DbError, inventory, nodes, ports, tasks};
use ferric_model::action::Action;
use ferric_model::errand::ErrandState;
use ferric_model::installer::installs;
use ferric_model::node::Node;
use ferric_model::port::Port;
use ferric_model::portgroup::Portgroup;
use ferric_model::report::Inventory;
use ferric_model::task::Task;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// Network cards, those that are bonded, what there is around, and what the last inspection found.
type Cards = (Vec<Port>, Vec<Portgroup>, Kin, Option<Inventory>);

/// What most claims need to know.
#[derive(Debug, Clone)]
pub(crate) struct ClaimRead {
    task: Task,
    node: Node,
    ports: Vec<Port>,
    has_children: bool,
}

/// The answer to a claim.
#[derive(Debug, Clone)]
pub enum ClaimAnswer {
    /// The task is the conductor's.
    Granted(Box<Grant>),
    /// It is not, and the delivery can be forgotten.
    Refused(String),
    /// It is not now.
    Later(String),
}

/// A granted task.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The fence of this claim.
    pub epoch: i64,
    /// How long the lease lasts without renewal, in milliseconds.
    pub lease_ms: u64,
    /// What is to be done.
    pub action: Action,
    /// Its arguments.
    pub params: Value,
    /// Notes of the conductors that worked on it before; null at first.
    pub progress: Value,
    /// The node, secrets included.
    pub node: Node,
    /// Its network cards.
    pub ports: Vec<Port>,
    /// Those that are bonded; empty where the node's network interface has no use for them.
    pub portgroups: Vec<Portgroup>,
    /// What the last inspection found; only where the deploy interface looks at it.
    pub inventory: Option<Inventory>,
    /// Base URL of the boot artefacts of this task.
    pub boot_url: Option<String>,
    /// Base URL of the REST API as the ramdisk reaches it.
    pub api_url: String,
    /// Whether a conductor held the task before and never reported its end.
    pub taken_over: bool,
    /// How the tasks stand that this one waits for.
    pub errands: Vec<ErrandState>,
    /// Whether other nodes are inside the node; looked for only where power is changed.
    pub has_children: bool,
}

/// What a task has to do with other nodes.
#[derive(Debug, Default)]
struct Kin {
    errands: Vec<ErrandState>,
    has_children: bool,
}

impl Control {
    /// Gives a queued task to a conductor.
    ///
    /// A repeated or stale delivery is refused: whoever holds the lease goes on, and a lost lease is swept.
    pub async fn claim(
        &self,
        task_id: Uuid,
        hostname: &str,
        incarnation: &str,
    ) -> Result<ClaimAnswer, ControlError> {
        if !self.is_registered(hostname, incarnation).await? {
            return Ok(ClaimAnswer::Later(format!("conductor {hostname} is not registered, join first")));
        }
        loop {
            let Some((task, node, cards)) = self.read_for_claim(task_id).await? else {
                return Ok(ClaimAnswer::Refused("the task or its node is gone".to_owned()));
            };
            let state = task.state;
            let Some((task, change)) = self.decide_claim(task, node, hostname) else {
                return Ok(ClaimAnswer::Refused(format!("the task is {}", state.as_str())));
            };
            if let Some(node) = self.try_commit(change).await? {
                return Ok(ClaimAnswer::Granted(Box::new(self.grant(&task, node, cards))));
            }
        }
    }

    /// Gives the task to `hostname`; none when it is not to be had.
    fn decide_claim(&self, mut task: Task, mut node: Node, hostname: &str) -> Option<(Task, Change)> {
        let (now, fence) = (self.now(), task.fence());
        if !task.claim(hostname, now, self.lease_end(now)) {
            return None;
        }
        let before = Some(node.clone());
        node.reservation = Some(hostname.to_owned());
        let save = Some((task.clone(), fence));
        // Mostly it is the conductor that was expected: then the node stays as it is, and so does its generation.
        let write_node = before.as_ref().is_none_or(|before| before.reservation != node.reservation);
        Some((task, Change { save, before, write_node, ..Change::of(node) }))
    }

    fn grant(&self, task: &Task, node: Node, (ports, portgroups, kin, inventory): Cards) -> Grant {
        Grant {
            epoch: task.epoch,
            lease_ms: u64::from(self.settings().lease_secs) * 1000,
            action: task.action,
            params: task.params.clone(),
            progress: task.progress.clone(),
            node,
            ports,
            portgroups,
            inventory,
            boot_url: task.boot_token.as_deref().map(|token| self.settings().boot_url(token)),
            api_url: self.settings().ramdisk_api_url().to_owned(),
            taken_over: task.lost_leases > 0,
            errands: kin.errands,
            has_children: kin.has_children,
        }
    }

    /// When a lease given now ends.
    pub(crate) fn lease_end(&self, now: OffsetDateTime) -> OffsetDateTime {
        now + Duration::seconds(i64::from(self.settings().lease_secs))
    }

    /// Reads a task with its node and cards; none when either is gone.
    async fn read_for_claim(&self, task_id: Uuid) -> Result<Option<(Task, Node, Cards)>, DbError> {
        let read = self.reads().claims.find(task_id, |ids| self.find_claims(ids)).await?;
        let Some(ClaimRead { task, node, ports, has_children }) = read else { return Ok(None) };
        let (bonds, looks) = (takes_vifs(&node), installs(&node, task.action));
        let mut kin = Kin { errands: Vec::new(), has_children };
        if !bonds && !looks && !awaits_errands(&task) {
            return Ok(Some((task, node, (ports, Vec::new(), kin, None))));
        }
        let more = async |conn: &mut Conn| {
            let portgroups = match bonds {
                true => portgroups_of(conn, node.uuid).await?,
                false => Vec::new(),
            };
            let found = match looks {
                true => inventory::find(conn, &node.uuid.into()).await?.and_then(|(_, found)| found),
                false => None,
            };
            Ok::<_, DbError>((portgroups, errands_of(conn, &task).await?, found))
        };
        let (portgroups, errands, inventory) = self.store().read(more).await?;
        kin.errands = errands;
        Ok(Some((task, node, (ports, portgroups, kin, inventory))))
    }

    async fn find_claims(&self, ids: Vec<Uuid>) -> Result<HashMap<Uuid, ClaimRead>, DbError> {
        self.store()
            .read(async |conn: &mut Conn| {
                let found = tasks::find_with_nodes(conn, &ids).await?;
                let all: Vec<Uuid> = found.iter().map(|(_, node)| node.uuid).collect();
                let mut cards: HashMap<Uuid, Vec<Port>> = HashMap::new();
                for port in ports::list_of_nodes(conn, &all).await? {
                    cards.entry(port.node_uuid).or_default().push(port);
                }
                let powered = found.iter().filter(|(task, _)| task.action == Action::Power);
                let powered: Vec<Uuid> = powered.map(|(_, node)| node.uuid).collect();
                let parents: HashSet<Uuid> = match powered.is_empty() {
                    true => HashSet::new(),
                    false => nodes::list_parents(conn, &powered).await?.into_iter().collect(),
                };
                let read = |(task, node): (Task, Node)| {
                    let ports = cards.get(&node.uuid).cloned().unwrap_or_default();
                    let has_children = parents.contains(&node.uuid);
                    (task.id, ClaimRead { task, node, ports, has_children })
                };
                Ok(found.into_iter().map(read).collect())
            })
            .await
    }
}
