//! Rounds: every node is visited once in an interval, in batches for the conductors of its group.

use crate::control::Control;
use crate::error::ControlError;
use ferric_bus::v1::ActionEnvelope;
use ferric_bus::v1::action_envelope::Work;
use ferric_bus::{BusError, ENVELOPE_VERSION};
use ferric_db::Conn;
use ferric_db::nodes::{self, Visit};
use futures::{StreamExt, stream};
use std::collections::BTreeMap;
use std::ops::Range;
use uuid::Uuid;

/// Nodes of one envelope: as many as conductors may ask for at once.
const BATCH: usize = 500;

/// Nodes read from the database at once.
const PAGE: i64 = 10_000;

/// Envelopes that are published at once.
const PUBLISHED_AT_ONCE: usize = 8;

/// Nodes that wait to be sent out with their generations, by conductor group.
type Groups = BTreeMap<String, Vec<(Uuid, i64)>>;

/// The nodes of one envelope.
pub(super) struct Batch {
    /// Who they are.
    pub node_uuids: Vec<String>,
    /// How often each of them was written.
    pub generations: Vec<i64>,
}

/// What is done with every node again and again.
pub(super) struct Round {
    /// Name of the sweep, whose windows one process wins.
    pub sweep: &'static str,
    /// How often each node is visited, in seconds; 0: never.
    pub interval_secs: u64,
    /// What for.
    pub visit: Visit,
}

/// The buckets that are due in a slice of the interval, of `slices` in all: together they are due once in it.
fn due(slice: i64, slices: i64) -> Range<i64> {
    slice * nodes::BUCKETS / slices..(slice + 1) * nodes::BUCKETS / slices
}

/// What asks the conductors of each group for their nodes, in batches.
fn envelopes(groups: Groups, work: impl Fn(Batch) -> Work) -> Vec<(String, ActionEnvelope)> {
    let mut envelopes = Vec::new();
    for (group, due) in groups {
        for batch in due.chunks(BATCH) {
            let (node_uuids, generations) = batch.iter().map(|(uuid, at)| (uuid.to_string(), at)).unzip();
            let work = Some(work(Batch { node_uuids, generations }));
            let envelope = ActionEnvelope { version: ENVELOPE_VERSION, traceparent: String::new(), work };
            envelopes.push((group.clone(), envelope));
        }
    }
    envelopes
}

impl Control {
    /// Sends out the nodes that are due, as `work` for conductors. An interval is cut into slices of one sweep each, and a
    /// node's bucket says in which slice it is due: the load is flat, one statement finds the nodes of a slice, and one
    /// process wins it.
    ///
    /// The envelopes go to the bus at once: one that is lost is made up for in the next round, and while the bus is away
    /// nothing piles up in the outbox.
    pub(super) async fn send_round(
        &self,
        round: Round,
        work: impl Fn(Batch) -> Work + Send,
    ) -> Result<usize, ControlError> {
        if round.interval_secs == 0 {
            return Ok(0);
        }
        let slice = self.settings().sweep_interval_secs.max(1);
        let slices = i64::try_from((round.interval_secs / slice).max(1)).unwrap_or(1);
        let window = self.now().unix_timestamp() / i64::try_from(slice).unwrap_or(1);
        if !self.win_window(round.sweep, window).await? {
            return Ok(0);
        }
        let groups = self.due_nodes(round.visit, due(window.rem_euclid(slices), slices)).await?;
        self.publish_all(envelopes(groups, work)).await
    }

    async fn due_nodes(&self, visit: Visit, buckets: Range<i64>) -> Result<Groups, ControlError> {
        let mut groups = Groups::new();
        let mut after = 0;
        loop {
            let of = buckets.clone();
            let list = async |conn: &mut Conn| nodes::list_due(conn, visit, of.clone(), after, PAGE).await;
            let page = self.store().read(list).await.map_err(ControlError::Database)?;
            let full = page.len() >= PAGE as usize;
            after = page.last().map_or(after, |due| due.id);
            for due in page {
                groups.entry(due.conductor_group).or_default().push((due.uuid, due.generation));
            }
            if !full {
                return Ok(groups);
            }
        }
    }

    async fn publish_all(&self, envelopes: Vec<(String, ActionEnvelope)>) -> Result<usize, ControlError> {
        let count = envelopes.len();
        let sent: Vec<Result<(), BusError>> = stream::iter(envelopes)
            .map(|(group, envelope)| async move { self.bus().publish_action(&group, &envelope).await })
            .buffer_unordered(PUBLISHED_AT_ONCE)
            .collect()
            .await;
        sent.into_iter().collect::<Result<(), _>>()?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::{BATCH, Batch, Groups, due, envelopes};
    use ferric_bus::v1::PowerSyncWork;
    use ferric_bus::v1::action_envelope::Work;
    use ferric_db::nodes::BUCKETS;
    use uuid::Uuid;

    #[test]
    fn every_bucket_is_due_once_in_an_interval() {
        for slices in [1, 7, 24, 120, 1024, 3000] {
            let all: Vec<i64> = (0..slices).flat_map(|slice| due(slice, slices)).collect();
            assert_eq!(all, (0..BUCKETS).collect::<Vec<_>>(), "{slices}");
        }
    }

    #[test]
    fn no_envelope_has_more_nodes_than_may_be_asked_for_or_nodes_of_two_groups() {
        let nodes =
            |count: usize| (0..count as u128).map(|n| (Uuid::from_u128(n), n as i64)).collect::<Vec<_>>();
        let groups = Groups::from([("a".to_owned(), nodes(2 * BATCH + 1)), ("b".to_owned(), nodes(3))]);
        let work =
            |Batch { node_uuids, generations }| Work::PowerSync(PowerSyncWork { node_uuids, generations });
        let sent = envelopes(groups, work);
        let shape: Vec<(&str, usize)> = sent
            .iter()
            .map(|(group, envelope)| match &envelope.work {
                Some(Work::PowerSync(work)) => {
                    assert_eq!(work.node_uuids.len(), work.generations.len());
                    (group.as_str(), work.node_uuids.len())
                }
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(shape, [("a", BATCH), ("a", BATCH), ("a", 1), ("b", 3)]);
    }
}
