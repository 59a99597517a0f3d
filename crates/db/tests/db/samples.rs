//! Values to store.

use ferric_model::JsonMap;
use ferric_model::action::Action;
use ferric_model::chassis::Chassis;
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Node;
use ferric_model::task::{Task, TaskState};
use serde_json::json;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// A moment that all tests share.
pub fn now() -> OffsetDateTime {
    time::macros::datetime!(2026-11-22 14:08:53.790273 UTC)
}

/// `seconds` later.
pub fn later(seconds: i64) -> OffsetDateTime {
    now() + Duration::seconds(seconds)
}

/// A node at rest.
pub fn node() -> Node {
    Node::new(Uuid::new_v4(), "fake-hardware", ProvisionState::Available, now())
}

/// A node with a name.
pub fn named(name: &str) -> Node {
    Node { name: Some(name.to_owned()), ..node() }
}

/// A chassis that says nothing about itself.
pub fn chassis() -> Chassis {
    Chassis {
        id: 0,
        uuid: Uuid::new_v4(),
        description: None,
        extra: JsonMap::new(),
        created_at: now(),
        updated_at: None,
    }
}

/// A task that nobody has claimed.
pub fn task(node_uuid: Uuid) -> Task {
    Task {
        id: Uuid::new_v4(),
        node_uuid,
        conductor_group: String::new(),
        action: Action::Deploy,
        state: TaskState::Queued,
        params: json!({"rebuild": false}),
        progress: json!({}),
        epoch: 0,
        sequence: 0,
        lost_leases: 0,
        claimed_by: None,
        lease_expires_at: None,
        deadline_at: None,
        boot_token: None,
        user: Some("alice".to_owned()),
        project: None,
        request_id: None,
        result: None,
        created_at: now(),
        started_at: None,
        finished_at: None,
    }
}
