//! Power sync: reading the power state of every node now and then, in batches, writing only what changed.

use super::round::{Batch, Round};
use crate::control::Control;
use crate::error::ControlError;
use crate::history::{entry, failure_entry};
use crate::task_read::nodes_of;
use ferric_bus::v1::PowerSyncWork;
use ferric_bus::v1::action_envelope::Work;
use ferric_db::Conn;
use ferric_db::nodes::Visit;
use ferric_model::history::{HistoryEntry, Severity};
use ferric_model::node::{Fault, Node};
use ferric_model::power::PowerState;
use ferric_model::report::Failure;
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

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
    /// Sends out the nodes whose power state is due.
    pub(crate) async fn sweep_power(&self) -> Result<usize, ControlError> {
        let round = Round {
            sweep: "power",
            interval_secs: self.settings().power_sync_interval_secs,
            visit: Visit::PowerSync,
        };
        let work =
            |Batch { node_uuids, generations }| Work::PowerSync(PowerSyncWork { node_uuids, generations });
        self.send_round(round, work).await
    }

    /// Nodes for a batch, secrets included; those that are gone are left out.
    pub async fn get_nodes(&self, uuids: &[Uuid]) -> Result<Vec<Node>, ControlError> {
        Ok(self.store().read(async |conn: &mut Conn| nodes_of(conn, uuids).await).await?)
    }

    /// Takes the readings of a batch; gives how many nodes were written. However many changed, they are read with one
    /// statement and written with one, beside what history tells.
    pub async fn report_power(&self, hostname: &str, readings: &[PowerReading]) -> Result<u32, ControlError> {
        let readings: BTreeMap<Uuid, &PowerReading> =
            readings.iter().map(|reading| (reading.node_uuid, reading)).collect();
        let uuids: Vec<Uuid> = readings.keys().copied().collect();
        let mut after = Vec::new();
        let mut told: BTreeMap<Uuid, Vec<HistoryEntry>> = BTreeMap::new();
        for node in self.get_nodes(&uuids).await? {
            let Some(reading) = readings.get(&node.uuid) else { continue };
            let busy = node.reservation.is_some() || node.target_power_state.is_some();
            if busy || node.generation != reading.generation {
                continue;
            }
            if let Err(failure) = &reading.reading
                && node.state().is_waiting()
            {
                self.note_unread(node.uuid, failure).await?;
            }
            if let Some((node, entries)) = self.decide_power(hostname, node, reading) {
                told.insert(node.uuid, entries);
                after.push(node);
            }
        }
        let written = self.commit_power(&after, &told).await?;
        Ok(u32::try_from(written).unwrap_or(u32::MAX))
    }

    /// Notes that the BMC could not be asked while the node's task waits for the ramdisk.
    async fn note_unread(&self, node: Uuid, failure: &Failure) -> Result<(), ControlError> {
        let waiting = self.read_node(&node.into()).await?.and_then(|read| read.active.into_iter().next());
        if let Some(task) = waiting {
            self.note_trouble(task.id, &failure.code, &failure.summary, failure.evidence.as_deref()).await;
        }
        Ok(())
    }

    /// The node as a reading makes it, with what history tells of that; none if it stays as it is.
    fn decide_power(
        &self,
        hostname: &str,
        before: Node,
        reading: &PowerReading,
    ) -> Option<(Node, Vec<HistoryEntry>)> {
        let now = self.now();
        let mut node = before.clone();
        let mut told = Vec::new();
        match &reading.reading {
            Ok(state) => {
                node.status.driver_internal_info.remove(FAILURES);
                if let Some(health) = &reading.health
                    && node.status.health.as_ref() != Some(health)
                {
                    let severity = if health == "Critical" { Severity::Error } else { Severity::Info };
                    if let Some(old) = &node.status.health {
                        let event = format!("The health of the node was '{old}' and is '{health}'.");
                        told.push(entry(&before, &before, None, severity, event, now));
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
                        told.push(entry(&before, &before, None, Severity::Info, event, now));
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
                    told.push(failure_entry(&before, &node, None, failure, now));
                }
            }
        }
        for entry in &mut told {
            entry.conductor = Some(hostname.to_owned());
            entry.event_type = "monitoring".to_owned();
        }
        (node != before).then_some((node, told))
    }
}
