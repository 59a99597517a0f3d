//! Allocations: requests for a node of some class, and which node they got.

use crate::JsonMap;
use time::OffsetDateTime;
use uuid::Uuid;

/// An allocation.
///
/// Source: Ironic API reference, "Allocations".
#[derive(Debug, Clone, PartialEq)]
pub struct Allocation {
    /// Row number: the order of creation.
    pub id: i64,
    /// Identity, and the instance's on the node it gets.
    pub uuid: Uuid,
    /// Counts the writes: a write names the generation it was decided on and loses if that is gone.
    pub generation: i64,
    /// Optional unique name.
    pub name: Option<String>,
    /// The node it got.
    pub node_uuid: Option<Uuid>,
    /// How far it is.
    pub state: AllocationState,
    /// Class of the node it wants; none only where a node without one was named.
    pub resource_class: Option<String>,
    /// Project that owns it: only nodes it owns or leases will do.
    pub owner: Option<String>,
    /// Why there is no node for it.
    pub last_error: Option<String>,
    /// Traits that the node must have.
    pub traits: Vec<String>,
    /// The nodes that will do, in the order of the request; empty means any.
    pub candidate_nodes: Vec<Uuid>,
    /// Operator's free-form data.
    pub extra: JsonMap,
    /// When it was created.
    pub created_at: OffsetDateTime,
    /// When it was last written.
    pub updated_at: Option<OffsetDateTime>,
}

/// How far an allocation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllocationState {
    /// A node is being looked for.
    Allocating,
    /// It has its node.
    Active,
    /// There was no node for it.
    Error,
}

/// Word of each state, in the order of the enum.
const WORDS: [(AllocationState, &str); 3] = [
    (AllocationState::Allocating, "allocating"),
    (AllocationState::Active, "active"),
    (AllocationState::Error, "error"),
];

impl AllocationState {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        WORDS[self as usize].1
    }

    /// Reads the word.
    pub fn find(text: &str) -> Option<Self> {
        WORDS.into_iter().find(|row| row.1 == text).map(|row| row.0)
    }
}

#[cfg(test)]
mod tests {
    use super::WORDS;

    #[test]
    fn words_stand_in_the_order_of_the_enum() {
        for (index, (state, word)) in WORDS.into_iter().enumerate() {
            assert_eq!((state as usize, state.as_str()), (index, word));
        }
    }
}
