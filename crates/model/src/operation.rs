//! Operations: work on many nodes that one request asked for.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

/// What is done to each node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OperationKind {
    /// It is created.
    Create,
    /// Its fields are changed.
    Patch,
    /// A verb changes its provision state.
    Provision,
    /// Its power state is changed.
    Power,
}

/// How far an operation came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OperationState {
    /// Accepted; nobody has begun.
    Queued,
    /// Items are worked on.
    Running,
    /// No item is begun any more; what was begun goes on.
    Canceling,
    /// Ended; every item succeeded.
    Succeeded,
    /// Ended; some items failed or were skipped.
    Failed,
    /// Ended before its time because somebody wanted it so.
    Canceled,
}

/// How far an item of an operation came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ItemState {
    /// Not begun.
    Pending,
    /// Its task goes on.
    Running,
    /// Ended well.
    Succeeded,
    /// Ended badly.
    Failed,
    /// Not begun because too many others failed.
    Skipped,
    /// Not begun because the operation was canceled.
    Canceled,
}

/// An operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// Row number: the order of creation.
    pub id: i64,
    /// Identity.
    pub uuid: Uuid,
    /// Counts the leases: the fence of those who drive it.
    pub generation: i64,
    /// What is done.
    pub kind: OperationKind,
    /// How far it came.
    pub state: OperationState,
    /// Most items that are worked on at once.
    pub max_parallel: i64,
    /// More failures than this end it; none lets it go on whatever fails.
    pub failure_budget: Option<i64>,
    /// Arguments that all items share.
    pub params: Value,
    /// Whose it is: what decides who may see it.
    pub owner: String,
    /// The caller whose rights each item needs; holds no credentials.
    pub actor: Value,
    /// How many items it has.
    pub total: i64,
    /// Until when a process drives it.
    pub lease_expires_at: Option<OffsetDateTime>,
    /// When it was accepted.
    pub created_at: OffsetDateTime,
    /// When it ended.
    pub finished_at: Option<OffsetDateTime>,
}

/// One node, or one document, of an operation.
#[derive(Debug, Clone, PartialEq)]
pub struct OperationItem {
    /// Row number.
    pub id: i64,
    /// Its place within the operation, from 0.
    pub position: i64,
    /// The node: as the caller named it, or the UUID that it is created with.
    pub subject: String,
    /// How far it came.
    pub state: ItemState,
    /// Arguments of its own; null when it has none, or needs them no more.
    pub document: Value,
    /// How often it could not be begun for a reason that passes.
    pub attempts: i64,
    /// The task that it began.
    pub task_id: Option<Uuid>,
    /// Why it failed.
    pub failure: Option<ItemFailure>,
    /// When it ended.
    pub finished_at: Option<OffsetDateTime>,
}

/// Why an item failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemFailure {
    /// A constant word.
    pub kind: String,
    /// The text for the caller.
    pub text: String,
}

/// How many items of an operation are in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ItemCounts([i64; 6]);

/// Words of states of operations, in the order of the enum.
const OPERATION_STATES: [(OperationState, &str); 6] = [
    (OperationState::Queued, "queued"),
    (OperationState::Running, "running"),
    (OperationState::Canceling, "canceling"),
    (OperationState::Succeeded, "succeeded"),
    (OperationState::Failed, "failed"),
    (OperationState::Canceled, "canceled"),
];

/// Words of states of items, in the order of the enum.
const ITEM_STATES: [(ItemState, &str); 6] = [
    (ItemState::Pending, "pending"),
    (ItemState::Running, "running"),
    (ItemState::Succeeded, "succeeded"),
    (ItemState::Failed, "failed"),
    (ItemState::Skipped, "skipped"),
    (ItemState::Canceled, "canceled"),
];

/// Words of kinds, in the order of the enum.
const KINDS: [(OperationKind, &str); 4] = [
    (OperationKind::Create, "create"),
    (OperationKind::Patch, "patch"),
    (OperationKind::Provision, "provision"),
    (OperationKind::Power, "power"),
];

impl OperationKind {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        KINDS[self as usize].1
    }

    /// Reads the word.
    pub fn find(text: &str) -> Option<Self> {
        KINDS.into_iter().find(|row| row.1 == text).map(|row| row.0)
    }
}

impl OperationState {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        OPERATION_STATES[self as usize].1
    }

    /// Reads the word.
    pub fn find(text: &str) -> Option<Self> {
        OPERATION_STATES.into_iter().find(|row| row.1 == text).map(|row| row.0)
    }

    /// Whether the operation has ended.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Canceled)
    }
}

impl ItemState {
    /// Every state.
    pub fn all() -> impl Iterator<Item = Self> {
        ITEM_STATES.into_iter().map(|row| row.0)
    }

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        ITEM_STATES[self as usize].1
    }

    /// Reads the word.
    pub fn find(text: &str) -> Option<Self> {
        ITEM_STATES.into_iter().find(|row| row.1 == text).map(|row| row.0)
    }
}

impl ItemCounts {
    /// How many items are in a state.
    pub const fn of(&self, state: ItemState) -> i64 {
        self.0[state as usize]
    }

    /// How many items have not ended.
    pub const fn unfinished(&self) -> i64 {
        self.of(ItemState::Pending) + self.of(ItemState::Running)
    }
}

impl OperationItem {
    /// An item that is not stored yet.
    pub fn new(position: i64, subject: String, document: Value) -> Self {
        Self {
            id: 0,
            position,
            subject,
            state: ItemState::Pending,
            document,
            attempts: 0,
            task_id: None,
            failure: None,
            finished_at: None,
        }
    }
}

impl FromIterator<(ItemState, i64)> for ItemCounts {
    fn from_iter<I: IntoIterator<Item = (ItemState, i64)>>(rows: I) -> Self {
        let mut counts = Self::default();
        for (state, count) in rows {
            counts.0[state as usize] += count;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_in_the_order_of_their_enums() {
        for state in ItemState::all() {
            assert_eq!(ItemState::find(state.as_str()), Some(state));
        }
        for (state, word) in OPERATION_STATES {
            assert_eq!((state.as_str(), OperationState::find(word)), (word, Some(state)));
        }
        for (kind, word) in KINDS {
            assert_eq!((kind.as_str(), OperationKind::find(word)), (word, Some(kind)));
        }
    }

    #[test]
    fn items_are_counted_by_state() {
        let counts: ItemCounts = [(ItemState::Failed, 2), (ItemState::Running, 3)].into_iter().collect();
        assert_eq!((counts.of(ItemState::Failed), counts.unfinished()), (2, 3));
    }
}
