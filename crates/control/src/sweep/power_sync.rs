//! Power sync: reading the power state of every node now and then, in batches, writing only what changed.

use crate::commit::Change;
use crate::control::Control;
use crate::error::ControlError;
use crate::history::{entry, failure_entry};
use crate::task_read::nodes_of;
use ferric_bus::{ENVELOPE_VERSION, encode_action, v1};
use ferric_db::{Conn, DbError, nodes, outbox};
use ferric_model::history::Severity;
use ferric_model::node::{Fault, Node};
use ferric_model::outbox::{OutboxMessage, Route};
use ferric_model::power::PowerState;
use ferric_model::report::Failure;
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Nodes of one envelope.
const BATCH: usize = 100;

/// Nodes read from the database at once.
const PAGE: i64 = 2000;

/// Key of `driver_internal_info` that counts failed readings in a row.
const FAILURES: &str = "power_sync_failures";

/// The power state of a node as a conductor read it.
#[derive(Debug, Clone)]
pub struct PowerReading {
    /// The node.
    pub node_uuid: Uuid,
    /// The generation it was read for; a node that changed since is left alone.
    pub generation: i64,
    /// What was read, or why nothing could be.
    pub reading: Result<Option<PowerState>, Failure>,
    /// `OK`, `Warning` or `Critical`; none where nothing tells.
    pub health: Option<String>,
}

impl Control {
    /// Sends out the nodes that are due. An interval is cut into slices of one sweep each, and a node's identity says in
    /// which slice it is due: the load is flat, and one process wins each slice.
    pub(crate) async fn sweep_power(&self) -> Result<usize, ControlError> {
        let (interval, slice) =
            (self.settings().power_sync_interval_secs, self.settings().sweep_interval_secs.max(1));
        if interval == 0 {
            return Ok(0);
        }
        let slices = u128::from((interval / slice).max(1));
        let window = self.now().unix_timestamp() / i64::try_from(slice).unwrap_or(1);
        if !self.win_window("power", window).await? {
            return Ok(0);
        }
        let due_slice = u128::from(window.unsigned_abs()) % slices;
        let mut groups: BTreeMap<String, Vec<Uuid>> = BTreeMap::new();
        let mut after: Option<Uuid> = None;
        loop {
            let page = self
                .store()
                .read(async |conn: &mut Conn| nodes::list_uuids_for_power_sync(conn, after, PAGE).await)
                .await
                .map_err(ControlError::Database)?;
            for (uuid, group) in &page {
                if uuid.as_u128() % slices == due_slice {
                    groups.entry(group.clone()).or_default().push(*uuid);
                }
            }
            after = page.last().map(|row| row.0);
            if page.len() < PAGE as usize {
                break;
            }
        }
        self.send_power_batches(&groups).await
    }

    async fn send_power_batches(&self, groups: &BTreeMap<String, Vec<Uuid>>) -> Result<usize, ControlError> {
        let messages: Vec<OutboxMessage> = groups
            .iter()
            .flat_map(|(group, uuids)| uuids.chunks(BATCH).map(move |chunk| (group, chunk)))
            .map(|(group, chunk)| OutboxMessage {
                id: 0,
                route: Route::Action { conductor_group: group.clone() },
                payload: encode_action(&v1::ActionEnvelope {
                    version: ENVELOPE_VERSION,
                    traceparent: String::new(),
                    work: Some(v1::action_envelope::Work::PowerSync(v1::PowerSyncWork {
                        node_uuids: chunk.iter().map(Uuid::to_string).collect(),
                    })),
                }),
            })
            .collect();
        if messages.is_empty() {
            return Ok(0);
        }
        let now = self.now();
        let left = self
            .store()
            .write("power batches", async |conn: &mut Conn| {
                let left: Result<_, DbError> = outbox::enqueue(conn, &messages, now).await;
                left
            })
            .await?;
        self.outbox_bell().ring(&left);
        Ok(messages.len())
    }

    /// Nodes for a batch, secrets included; those that are gone are left out.
    pub async fn get_nodes(&self, uuids: &[Uuid]) -> Result<Vec<Node>, ControlError> {
        Ok(self.store().read(async |conn: &mut Conn| nodes_of(conn, uuids).await).await?)
    }

    /// Takes the readings of a batch; gives how many nodes were written.
    pub async fn report_power(&self, hostname: &str, readings: &[PowerReading]) -> Result<u32, ControlError> {
        let uuids: Vec<Uuid> = readings.iter().map(|reading| reading.node_uuid).collect();
        let nodes = self.get_nodes(&uuids).await?;
        let mut changed = 0;
        for node in nodes {
            let Some(reading) = readings.iter().find(|reading| reading.node_uuid == node.uuid) else {
                continue;
            };
            let busy = node.reservation.is_some() || node.target_power_state.is_some();
            if busy || node.generation != reading.generation {
                continue;
            }
            if let Err(failure) = &reading.reading
                && node.state().is_waiting()
            {
                self.note_unread(node.uuid, failure).await?;
            }
            if let Some(change) = self.decide_power(hostname, node, reading) {
                changed += u32::from(self.try_commit(change).await?.is_some());
            }
        }
        Ok(changed)
    }

    /// Notes that the BMC could not be asked while the node's task waits for the ramdisk.
    async fn note_unread(&self, node: Uuid, failure: &Failure) -> Result<(), ControlError> {
        let waiting = self.read_node(&node.into()).await?.and_then(|read| read.active.into_iter().next());
        if let Some(task) = waiting {
            self.note_trouble(task.id, &failure.code, &failure.summary, failure.evidence.as_deref()).await;
        }
        Ok(())
    }

    fn decide_power(&self, hostname: &str, before: Node, reading: &PowerReading) -> Option<Change> {
        let now = self.now();
        let mut change = Change::from(&before);
        let node = &mut change.node;
        match &reading.reading {
            Ok(state) => {
                node.status.driver_internal_info.remove(FAILURES);
                if let Some(health) = &reading.health
                    && node.status.health.as_ref() != Some(health)
                {
                    let severity = if health == "Critical" { Severity::Error } else { Severity::Info };
                    if let Some(old) = &node.status.health {
                        let event = format!("The health of the node was '{old}' and is '{health}'.");
                        change.history.push(entry(&before, &before, None, severity, event, now));
                    }
                    node.status.health = Some(health.clone());
                }
                if state.is_some() && *state != node.power_state {
                    if let (Some(old), Some(new)) = (node.power_state, state) {
                        let event = format!(
                            "The power state changed outside of Ferric: it was '{}' and is '{}'.",
                            old.as_str(),
                            new.as_str()
                        );
                        change.history.push(entry(&before, &before, None, Severity::Info, event, now));
                    }
                    node.power_state = *state;
                }
                if node.fault == Some(Fault::Power) {
                    node.maintenance = false;
                    node.fault = None;
                    node.spec.maintenance_reason = None;
                }
            }
            Err(failure) => {
                let failures =
                    node.status.driver_internal_info.get(FAILURES).and_then(Value::as_u64).unwrap_or(0) + 1;
                node.status.driver_internal_info.insert(FAILURES.to_owned(), failures.into());
                if failures > u64::from(self.settings().power_sync_max_failures) && !node.maintenance {
                    let text = failure.explain(Some(hostname));
                    node.maintenance = true;
                    node.fault = Some(Fault::Power);
                    node.spec.maintenance_reason = Some(text.clone());
                    node.status.last_error = Some(text);
                    node.power_state = None;
                    change.history.push(failure_entry(&before, node, None, failure, now));
                }
            }
        }
        for written in &mut change.history {
            written.conductor = Some(hostname.to_owned());
            written.event_type = "monitoring".to_owned();
        }
        (*node != before).then_some(change)
    }
}
