//! Operations on the wire.

use crate::v1;
use ferric_model::operation::{ItemCounts, ItemState, Operation, OperationItem, OperationState};
use prost_types::Timestamp;
use time::OffsetDateTime;

/// Puts an operation on the wire.
pub fn operation_to_wire(operation: &Operation, counts: &ItemCounts) -> v1::Bulk {
    v1::Bulk {
        uuid: operation.uuid.to_string(),
        action: operation.kind.as_str().to_owned(),
        target: operation.params["target"].as_str().unwrap_or_default().to_owned(),
        state: match operation.state {
            OperationState::Queued => v1::BulkState::Queued,
            OperationState::Running => v1::BulkState::Running,
            OperationState::Canceling => v1::BulkState::Canceling,
            OperationState::Succeeded => v1::BulkState::Succeeded,
            OperationState::Failed => v1::BulkState::Failed,
            OperationState::Canceled => v1::BulkState::Canceled,
        }
        .into(),
        max_parallel: operation.max_parallel,
        failure_budget: operation.failure_budget,
        total: operation.total,
        pending: counts.of(ItemState::Pending),
        running: counts.of(ItemState::Running),
        succeeded: counts.of(ItemState::Succeeded),
        failed: counts.of(ItemState::Failed),
        skipped: counts.of(ItemState::Skipped),
        canceled: counts.of(ItemState::Canceled),
        created_at: Some(stamp(operation.created_at)),
        finished_at: operation.finished_at.map(stamp),
    }
}

/// Puts an item on the wire.
pub fn operation_item_to_wire(item: &OperationItem) -> v1::BulkItem {
    let (error_kind, error_text) =
        item.failure.as_ref().map(|failure| (failure.kind.clone(), failure.text.clone())).unwrap_or_default();
    v1::BulkItem {
        position: item.position,
        node: item.subject.clone(),
        state: STATES.iter().find(|row| row.1 == item.state).map(|row| row.0).unwrap_or_default().into(),
        error_kind,
        error_text,
        finished_at: item.finished_at.map(stamp),
    }
}

/// Takes the state of an item off the wire; none if it is not said.
pub fn item_state_from_wire(state: v1::BulkItemState) -> Option<ItemState> {
    STATES.iter().find(|row| row.0 == state).map(|row| row.1)
}

const STATES: [(v1::BulkItemState, ItemState); 6] = [
    (v1::BulkItemState::Pending, ItemState::Pending),
    (v1::BulkItemState::Running, ItemState::Running),
    (v1::BulkItemState::Succeeded, ItemState::Succeeded),
    (v1::BulkItemState::Failed, ItemState::Failed),
    (v1::BulkItemState::Skipped, ItemState::Skipped),
    (v1::BulkItemState::Canceled, ItemState::Canceled),
];

fn stamp(at: OffsetDateTime) -> Timestamp {
    Timestamp { seconds: at.unix_timestamp(), nanos: at.nanosecond().try_into().unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_of_items_have_a_word_each() {
        assert!(ItemState::all().eq(STATES.into_iter().map(|row| row.1)));
        assert_eq!(item_state_from_wire(v1::BulkItemState::Unspecified), None);
    }
}
