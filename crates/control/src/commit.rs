//! The one door to a node's state (I-4): node, tasks, history and outbox are written together or not at all.

mod driver_call;
mod power;
mod together;
mod transitions;
mod turn;

pub(crate) use self::together::{Commits, commits};
use self::together::{Proposal, Verdict};
use self::turn::Turn;
use crate::control::Control;
use crate::error::ControlError;
use crate::request_reads::{self, Read};
use crate::task_read::node_ident;
use ferric_bus::{ENVELOPE_VERSION, encode_action, encode_event, v1};
use ferric_db::{
    Conn, DbError, allocations, bios, firmware, hardware_facts, history, inventory, nodes, operations,
    outbox, ports, tasks, troubles, vifs, vmedia_outcomes,
};
use ferric_model::action::Action;
use ferric_model::allocation::Allocation;
use ferric_model::bios::BiosSettings;
use ferric_model::failure::Trouble;
use ferric_model::firmware::FirmwareComponents;
use ferric_model::hardware::{HardwareFacts, VmediaOutcome};
use ferric_model::history::HistoryEntry;
use ferric_model::lifecycle::Event;
use ferric_model::node::Node;
use ferric_model::outbox::{OutboxMessage, Route};
use ferric_model::port::Port;
use ferric_model::report::{Inventory, PortChange};
use ferric_model::task::{Announcement, Fence, Task};
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use uuid::Uuid;

/// What one decision writes.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    /// The node after the decision, with the generation that the decision was made on.
    pub node: Node,
    /// The node before the decision, where it is known: only what differs is written.
    pub before: Option<Node>,
    /// A task that begins.
    pub begin: Option<Task>,
    /// For how many such tasks there is room.
    pub room: Option<Room>,
    /// A task that is changed, with what the decision was made on.
    pub save: Option<(Task, Fence)>,
    /// The events that change the provision state, where they are known: else the table tells.
    pub events: Vec<Event>,
    /// Entries for the node's history.
    pub history: Vec<HistoryEntry>,
    /// What becomes of the allocation that has the node, or is to have it.
    pub allocation: Option<AllocationWrite>,
    /// Whether the node's row itself is written.
    pub write_node: bool,
    /// What inspection found.
    pub inventory: Option<Inventory>,
    /// The BIOS settings that were read.
    pub bios: Option<BiosSettings>,
    /// The firmware versions that were read.
    pub firmware: Option<FirmwareComponents>,
    /// The item of an operation whose work this is: it must not have been begun, or given up, before.
    pub item: Option<i64>,
    /// Ports that inspection found and that do not exist yet.
    pub new_ports: Vec<Port>,
    /// Ports that are changed.
    pub save_ports: Vec<Port>,
    /// Ports that go.
    pub gone_ports: Vec<Uuid>,
    /// What conductors changed in ports and portgroups.
    pub port_changes: Vec<PortChange>,
    /// Whether the node's VIFs are forgotten.
    pub forget_vifs: bool,
    /// How a boot from virtual media ended.
    pub vmedia: Option<VmediaOutcome>,
    /// What went wrong during tasks without ending them.
    pub troubles: Vec<(Uuid, Trouble)>,
}

/// How an allocation is written beside its node.
#[derive(Debug, Clone)]
pub(crate) enum AllocationWrite {
    /// It is new.
    Insert(Allocation),
    /// It is changed, with the generation that the decision was made on.
    Save(Allocation),
    /// It goes, whatever it has become.
    Delete(Uuid),
}

impl AllocationWrite {
    /// Writes it; false when it was decided on something that has changed since.
    async fn write(&self, conn: &mut Conn, now: OffsetDateTime) -> Result<bool, DbError> {
        match self {
            Self::Insert(allocation) => allocations::insert(conn, allocation).await.map(|_| true),
            Self::Save(allocation) => allocations::save(conn, allocation, now).await,
            Self::Delete(uuid) => allocations::delete(conn, *uuid).await.map(|_| true),
        }
    }
}

/// How often a decision is made anew when somebody else wrote the node in between.
pub(crate) const ATTEMPTS: usize = 5;

/// How many tasks of some actions may be unfinished.
#[derive(Debug, Clone)]
pub(crate) struct Room {
    /// The actions.
    pub actions: &'static [Action],
    /// How many.
    pub limit: i64,
    /// Whether only those of the task's conductor group count.
    pub in_group: bool,
    /// What a caller is told when there are as many.
    pub refusal: String,
}

/// What a commit left.
#[derive(Debug)]
pub(crate) struct Committed {
    /// When it was written.
    at: OffsetDateTime,
    /// Messages for the bus, with their numbers.
    left: Vec<OutboxMessage>,
    /// The operation that goes on now.
    goes_on: Option<Uuid>,
}

/// Why a change was not committed.
#[derive(Debug)]
enum CommitError {
    /// It was decided on something that has changed since.
    Stale,
    /// There is no room for its task.
    Full(String),
    Db(DbError),
}

impl From<DbError> for CommitError {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

impl Change {
    /// A change of the node alone.
    pub(crate) fn of(node: Node) -> Self {
        Self {
            node,
            before: None,
            begin: None,
            room: None,
            save: None,
            events: Vec::new(),
            history: Vec::new(),
            allocation: None,
            write_node: true,
            inventory: None,
            bios: None,
            firmware: None,
            item: None,
            new_ports: Vec::new(),
            save_ports: Vec::new(),
            gone_ports: Vec::new(),
            port_changes: Vec::new(),
            forget_vifs: false,
            vmedia: None,
            troubles: Vec::new(),
        }
    }

    /// A change that is still to be made of the node alone.
    pub(crate) fn from(before: &Node) -> Self {
        Self { before: Some(before.clone()), ..Self::of(before.clone()) }
    }

    /// Takes the row of the allocation away that the node had and has no more.
    pub(crate) fn without_lost_allocation(mut self, before: &Node) -> Self {
        if self.node.allocation_uuid.is_none() {
            self.allocation = before.allocation_uuid.map(AllocationWrite::Delete);
        }
        self
    }

    /// The messages that the change leaves for the bus.
    fn messages(&self) -> Vec<OutboxMessage> {
        let wake = |task: &Task| OutboxMessage {
            id: 0,
            route: Route::Action { conductor_group: task.conductor_group.clone() },
            payload: task_envelope(task),
        };
        let mut messages = Vec::new();
        messages.extend(self.begin.as_ref().filter(|task| !task.state.is_final()).map(wake));
        if let Some((task, _)) = &self.save {
            messages.extend(task.announcement().and_then(|announcement| match announcement {
                Announcement::Wanted => Some(wake(task)),
                // Somebody's request waits for it, and has nothing else to go by. Others who may wait are told in passing.
                Announcement::Ended => task.action.is_synchronous().then(|| task_ended(task.id)),
            }));
        }
        messages
    }
}

/// The envelope that sends a conductor to a task.
pub(crate) fn task_envelope(task: &Task) -> Vec<u8> {
    encode_action(&v1::ActionEnvelope {
        version: ENVELOPE_VERSION,
        traceparent: String::new(),
        work: Some(v1::action_envelope::Work::Task(v1::TaskWork {
            task_id: task.id.to_string(),
            node_uuid: task.node_uuid.to_string(),
            action: task.action.as_str().to_owned(),
        })),
    })
}

/// The event that tells every process that what it may wait for has ended.
pub(crate) fn task_ended(id: Uuid) -> OutboxMessage {
    let event =
        v1::event_envelope::Event::Task(v1::TaskEnded { task_id: id.to_string(), more_task_ids: Vec::new() });
    let envelope = v1::EventEnvelope { version: ENVELOPE_VERSION, event: Some(event) };
    OutboxMessage { id: 0, route: Route::Event, payload: encode_event(&envelope) }
}

impl Control {
    /// Decides on the node `ident` and commits, anew as long as somebody else wins the race. `decide` is given the
    /// node and its unfinished tasks; it answers with no change when there is nothing to write. While another task holds
    /// the node it is asked again when that has ended, for as long as callers wait for their turn.
    ///
    /// **Errors**: `NotFound`; what `decide` answers; `Stale` when the race is lost too often.
    pub(crate) async fn decide<T>(
        &self,
        ident: &str,
        mut decide: impl FnMut(Node, Vec<Task>) -> Result<(Option<Change>, T), ControlError>,
    ) -> Result<(Node, T), ControlError> {
        let wanted = node_ident(ident);
        let patience = Duration::from_secs(self.settings().lock_wait_secs);
        let mut turn = Turn::new(self.hub(), patience);
        let mut lost = 0;
        while lost < ATTEMPTS {
            let read = match request_reads::take(&wanted) {
                Some(read) => Some(read),
                None => self.read_node(&wanted).await?,
            };
            let Read { node, active } = read.ok_or_else(|| ControlError::node_not_found(ident))?;
            let unchanged = node.clone();
            let holder = active.first().map(|task| task.id);
            let (change, answer) = match (decide(node, active), holder) {
                (Err(ControlError::NodeLocked { .. }), Some(holder)) if turn.wait(holder).await => continue,
                (decided, _) => decided?,
            };
            let Some(mut change) = change else { return Ok((unchanged, answer)) };
            change.before = Some(unchanged);
            if let Some(node) = self.try_commit(change).await? {
                return Ok((node, answer));
            }
            lost += 1;
        }
        Err(ControlError::Stale(ident.to_owned()))
    }

    /// The node once no task holds it, read anew if it had to be waited for.
    ///
    /// **Errors**: `NodeLocked` when the wait is over, `NotFound` when the node has gone meanwhile.
    pub(crate) async fn unlocked(&self, mut node: Node) -> Result<Node, ControlError> {
        let patience = Duration::from_secs(self.settings().lock_wait_secs);
        let mut turn = Turn::new(self.hub(), patience);
        while let Err(locked) = check_unlocked(&node) {
            if patience.is_zero() {
                return Err(locked);
            }
            request_reads::forget(node.uuid);
            let gone = || ControlError::node_not_found(&node.uuid.to_string());
            let read = self.read_node(&node.uuid.into()).await?.ok_or_else(gone)?;
            node = read.node;
            let holder = read.active.first().map(|task| task.id);
            match holder {
                _ if check_unlocked(&node).is_ok() => {}
                Some(holder) if turn.wait(holder).await => {}
                _ => return Err(locked),
            }
        }
        Ok(node)
    }

    /// Commits a change; none when it was decided on something that has changed since.
    pub(crate) async fn try_commit(&self, change: Change) -> Result<Option<Node>, ControlError> {
        request_reads::forget(change.node.uuid);
        let messages = change.messages();
        let transitions = self.transition_entries(&change);
        let proposal = Arc::new(Proposal { change, messages, transitions });
        let mut verdict = Verdict::Alone;
        if proposal.goes_together() {
            verdict = self.commit_together(Arc::clone(&proposal)).await;
        }
        if matches!(verdict, Verdict::Alone) {
            verdict = self.commit_alone(&proposal).await;
        }
        match verdict {
            Verdict::Committed(committed) => Ok(Some(self.tell(&proposal.change, committed).await)),
            Verdict::Stale | Verdict::Alone => Ok(None),
            Verdict::Full(refusal) => Err(ControlError::NoConductor(refusal)),
            Verdict::Failed(error) => Err(error.into()),
        }
    }

    /// Tells everybody of what was committed; the node as it is now.
    async fn tell(&self, change: &Change, committed: Committed) -> Node {
        let Committed { at, left, goes_on } = committed;
        let mut node = change.node.clone();
        if !left.is_empty() {
            self.outbox_bell().ring(&left);
        }
        if change.write_node {
            node.generation += 1;
            node.updated_at = Some(at);
            self.feed().ring();
        }
        if let Some((task, _)) = change.save.as_ref().filter(|(task, _)| task.state.is_final()) {
            self.hub().ring(task.id);
            if !task.action.is_synchronous() {
                self.ended_bell().ring(&[task.id]);
            }
            if let Some(waiting) = task.awaited_by
                && let Err(error) = self.wake_when_over(waiting).await
            {
                tracing::warn!(task.id = %waiting, %error, "a task that waits will look by itself");
            }
        }
        if let Some(operation) = goes_on {
            self.bulk_bell().ring(&[operation]);
        }
        node
    }

    /// Commits one change in a transaction of its own.
    async fn commit_alone(&self, proposal: &Proposal) -> Verdict {
        let Proposal { change, messages, transitions } = proposal;
        let now = self.now();
        let written = self
            .store()
            .write("commit", async |conn: &mut Conn| {
                let node = &change.node;
                if change.write_node {
                    let saved = match &change.before {
                        Some(before) => nodes::save_changes(conn, before, node, now).await?,
                        None => nodes::save(conn, node, now).await?,
                    };
                    if !saved {
                        return Err(CommitError::Stale);
                    }
                }
                if let Some(allocation) = &change.allocation
                    && !allocation.write(conn, now).await?
                {
                    return Err(CommitError::Stale);
                }
                if let Some(item) = change.item {
                    let first = match &change.begin {
                        Some(task) => operations::begin_item(conn, item, task.id).await?,
                        None => operations::end_item(conn, item, None, now).await?,
                    };
                    if !first {
                        return Err(CommitError::Stale);
                    }
                }
                match (&change.begin, &change.room) {
                    (Some(task), Some(Room { actions, limit, in_group, refusal })) => {
                        if !tasks::insert_within(conn, task, actions, *limit, *in_group).await? {
                            return Err(CommitError::Full(refusal.clone()));
                        }
                    }
                    (Some(task), None) => tasks::insert(conn, task).await?,
                    (None, _) => {}
                }
                let mut goes_on = None;
                if let Some((task, fence)) = &change.save {
                    if !tasks::save(conn, task, fence).await? {
                        return Err(CommitError::Stale);
                    }
                    goes_on = self.end_item_of(conn, task, node, now).await?;
                }
                if let Some(outcome) = change.vmedia {
                    vmedia_outcomes::count(conn, node.uuid, outcome, now).await?;
                }
                for (task, trouble) in &change.troubles {
                    troubles::note(conn, *task, trouble).await?;
                }
                for entry in transitions.iter().chain(&change.history) {
                    history::append(conn, entry).await?;
                }
                if let Some(found) = &change.inventory {
                    inventory::save(conn, node.uuid, found).await?;
                }
                if let Some(read) = &change.bios {
                    let known = bios::find(conn, node.uuid).await?;
                    bios::save(conn, node.uuid, &ferric_model::bios::remember(known, read, now)).await?;
                }
                if let Some(read) = &change.firmware {
                    let known = firmware::find(conn, node.uuid).await?;
                    let known = ferric_model::firmware::remember(known, read, now);
                    firmware::save(conn, node.uuid, &known).await?;
                }
                if let Some(facts) = HardwareFacts::find(change.inventory.as_ref(), change.firmware.as_ref())
                {
                    hardware_facts::save(conn, node.uuid, &facts).await?;
                }
                for port in &change.new_ports {
                    ports::insert(conn, port).await?;
                }
                for port in &change.save_ports {
                    ports::save(conn, port).await?;
                }
                for port in &change.gone_ports {
                    ports::delete(conn, *port).await?;
                }
                for port in &change.port_changes {
                    if !vifs::patch(conn, port, now).await? {
                        return Err(CommitError::Stale);
                    }
                }
                if change.forget_vifs && !vifs::forget(conn, node.uuid, now).await? {
                    return Err(CommitError::Stale);
                }
                let left = outbox::enqueue(conn, messages, now).await?;
                Ok(Committed { at: now, left, goes_on })
            })
            .await;
        match written {
            Ok(committed) => Verdict::Committed(committed),
            Err(CommitError::Stale) => Verdict::Stale,
            Err(CommitError::Full(refusal)) => Verdict::Full(refusal),
            Err(CommitError::Db(error)) => Verdict::Failed(error),
        }
    }

    /// Changes fields of a node that no task decides by.
    ///
    /// **Errors**: as [`Self::decide`].
    pub async fn change_node(
        &self,
        ident: &str,
        apply: impl Fn(&mut Node) -> Result<(), ControlError> + Send + Sync,
    ) -> Result<Node, ControlError> {
        let (node, ()) = self
            .decide(ident, |mut node, _| {
                let before = node.clone();
                apply(&mut node)?;
                Ok(((node != before).then(|| Change::of(node)), ()))
            })
            .await?;
        Ok(node)
    }

    /// The same for fields that a running task uses.
    ///
    /// **Errors**: also `NodeLocked` while a task holds the node.
    pub async fn change_node_unlocked(
        &self,
        ident: &str,
        apply: impl Fn(&mut Node) -> Result<(), ControlError> + Send + Sync,
    ) -> Result<Node, ControlError> {
        self.change_node(ident, |node| {
            check_unlocked(node)?;
            apply(node)
        })
        .await
    }
}

/// Refuses when a task holds the node.
pub(crate) fn check_unlocked(node: &Node) -> Result<(), ControlError> {
    match &node.reservation {
        Some(host) => Err(ControlError::NodeLocked { node: node.uuid.to_string(), host: host.clone() }),
        None => Ok(()),
    }
}

/// A random identity.
pub(crate) fn new_id() -> Uuid {
    Uuid::new_v4()
}
