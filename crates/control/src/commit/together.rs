//! Changes that are committed at the same time, in one transaction.
//!
//! Each of them is guarded by what it was decided on, and none of them sees another: it makes no difference to anybody whether
//! they stand in one transaction or in several. What makes a difference is how often the database waits for its disk.

use super::{Change, Committed};
use crate::control::Control;
use crate::gather::Gather;
use ferric_db::writes::{Write, Written, give_way, write_together};
use ferric_db::{Conn, DbError};
use ferric_model::history::HistoryEntry;
use ferric_model::outbox::OutboxMessage;
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

/// The changes of this process that are committed together.
pub(crate) type Commits = Gather<Arc<Proposal>, Verdict>;

/// Transactions at a time: while one waits for the disk, another is written.
const AT_A_TIME: usize = 2;

/// Nothing to commit yet.
pub(crate) fn commits() -> Commits {
    Gather::of(AT_A_TIME)
}

/// A change with what is told of it.
#[derive(Debug)]
pub(crate) struct Proposal {
    pub(super) change: Change,
    /// For the bus.
    pub(super) messages: Vec<OutboxMessage>,
    /// For the node's history.
    pub(super) transitions: Vec<HistoryEntry>,
}

/// What became of a change.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It is written.
    Committed(Committed),
    /// It was decided on something that has changed since.
    Stale,
    /// There is no room for its task.
    Full(String),
    /// Nothing is written: it is to be committed alone, for something is wrong with it, or with another that came with it.
    Alone,
    /// It is not written, as far as anybody knows.
    Failed(DbError),
}

/// Why several changes were not committed.
#[derive(Debug)]
enum Refused {
    /// These of them are stale.
    Stale(BTreeSet<usize>),
    Db(DbError),
}

impl From<DbError> for Refused {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

impl Proposal {
    /// Whether the change consists of writes that need no answer of the database but whether their guards were met.
    pub(super) fn goes_together(&self) -> bool {
        let Change {
            node: _,
            before,
            begin: _,
            room,
            save,
            events: _,
            history,
            allocation,
            write_node,
            inventory,
            bios,
            firmware,
            item,
            new_ports,
            save_ports,
            gone_ports,
            port_changes,
            forget_vifs,
            vmedia,
            troubles,
        } = &self.change;
        let ends_item = save
            .as_ref()
            .is_some_and(|(task, fence)| task.operation_item.is_some() || fence.lapsed.is_some());
        let tells_more = self.transitions.iter().chain(history).any(|entry| entry.fingerprint.is_some());
        (before.is_some() || !write_node)
            && !ends_item
            && !tells_more
            && room.is_none()
            && allocation.is_none()
            && item.is_none()
            && inventory.is_none()
            && bios.is_none()
            && firmware.is_none()
            && vmedia.is_none()
            && new_ports.is_empty()
            && save_ports.is_empty()
            && gone_ports.is_empty()
            && port_changes.is_empty()
            && troubles.is_empty()
            && !forget_vifs
    }

    /// Its writes, each with what it is sorted by: nodes first, then tasks, both in the same order in every transaction, or two
    /// of them might wait for each other.
    fn writes(&self) -> Vec<((u8, Uuid), Write<'_>)> {
        let Change { node, before, begin, save, history, write_node, .. } = &self.change;
        let before = before.as_ref().filter(|_| *write_node);
        let told = self.transitions.iter().chain(history);
        let mut writes = Vec::with_capacity(4);
        writes.extend(before.map(|before| ((0, node.uuid), Write::Node { before, after: node })));
        writes.extend(save.as_ref().map(|(task, fence)| ((1, task.id), Write::Task(task, fence))));
        writes.extend(begin.as_ref().map(|task| ((2, task.id), Write::NewTask(task))));
        writes.extend(told.map(|entry| ((3, node.uuid), Write::History(entry))));
        writes.extend(self.messages.iter().map(|message| ((4, node.uuid), Write::Message(message))));
        writes
    }
}

impl Control {
    /// Commits a change beside whatever else is to be committed now.
    pub(super) async fn commit_together(&self, proposal: Arc<Proposal>) -> Verdict {
        let verdict = self.commits().run(proposal, |proposals| self.commit_all(proposals)).await;
        // Where it was stopped halfway nobody knows: who decides anew sees what is there.
        verdict.unwrap_or(Verdict::Stale)
    }

    /// Commits these changes but for those that are stale.
    async fn commit_all(&self, mut proposals: Vec<Arc<Proposal>>) -> Vec<Verdict> {
        let mut verdicts: Vec<Verdict> = proposals.iter().map(|_| Verdict::Alone).collect();
        let mut open: Vec<usize> = (0..proposals.len()).collect();
        while !open.is_empty() {
            match self.write_all(&proposals).await {
                Ok(committed) => {
                    for (index, committed) in open.drain(..).zip(committed) {
                        verdicts[index] = Verdict::Committed(committed);
                    }
                }
                Err(Refused::Stale(stale)) => {
                    for place in &stale {
                        verdicts[open[*place]] = Verdict::Stale;
                    }
                    // From behind, so that places stay what they are.
                    for place in stale.iter().rev() {
                        open.remove(*place);
                        proposals.remove(*place);
                    }
                }
                Err(Refused::Db(error)) => {
                    for index in open.drain(..) {
                        verdicts[index] = failed(&error);
                    }
                }
            }
        }
        verdicts
    }

    /// Writes all of these changes or none.
    async fn write_all(&self, proposals: &[Arc<Proposal>]) -> Result<Vec<Committed>, Refused> {
        let now = self.now();
        self.store()
            .write("commit", async |conn: &mut Conn| {
                if proposals.len() > 1 {
                    give_way(conn).await?;
                }
                let mut all = Vec::new();
                for (place, proposal) in proposals.iter().enumerate() {
                    all.extend(proposal.writes().into_iter().map(|(key, write)| (key, place, write)));
                }
                all.sort_by_key(|(key, ..)| *key);
                let (of, writes): (Vec<usize>, Vec<Write<'_>>) =
                    all.into_iter().map(|(_, place, write)| (place, write)).unzip();
                let written = write_together(conn, &writes, now).await?;
                let stale =
                    |(written, place): (&Written, &usize)| (*written == Written::Stale).then_some(*place);
                let stale: BTreeSet<usize> = written.iter().zip(&of).filter_map(stale).collect();
                if !stale.is_empty() {
                    return Err(Refused::Stale(stale));
                }
                let mut committed: Vec<Committed> = proposals
                    .iter()
                    .map(|_| Committed { at: now, left: Vec::new(), goes_on: None })
                    .collect();
                for ((write, written), place) in writes.iter().zip(written).zip(of) {
                    if let (Write::Message(message), Written::Left(id)) = (write, written) {
                        committed[place].left.push(OutboxMessage { id, ..(*message).clone() });
                    }
                }
                Ok(committed)
            })
            .await
    }
}

/// What a failure of the database means for each of the changes. Where it refused a statement, nothing is written, and whose
/// statement that was shows when each is committed alone, as it does who holds what; where it does not answer, it may be written.
fn failed(error: &DbError) -> Verdict {
    match error {
        DbError::Busy => Verdict::Alone,
        _ => error.for_another().map_or(Verdict::Alone, Verdict::Failed),
    }
}
