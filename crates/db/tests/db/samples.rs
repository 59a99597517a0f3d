//! Values to store.

use ferric_model::JsonMap;
use ferric_model::action::Action;
use ferric_model::chassis::Chassis;
use ferric_model::history::{HistoryDetails, HistoryEntry, Severity};
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Node;
use ferric_model::port::{Port, PortDetail};
use ferric_model::portgroup::{Portgroup, PortgroupDetail};
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

/// A portgroup of `node_uuid`.
pub fn portgroup(node_uuid: Uuid) -> Portgroup {
    Portgroup {
        id: 0,
        uuid: Uuid::new_v4(),
        node_uuid,
        name: None,
        address: None,
        mode: Some("active-backup".to_owned()),
        standalone_ports_supported: true,
        physical_network: None,
        category: None,
        dynamic_portgroup: false,
        detail: PortgroupDetail::default(),
        created_at: now(),
        updated_at: None,
    }
}

/// The port number `number` of `node_uuid`.
pub fn port(node_uuid: Uuid, number: u8) -> Port {
    Port {
        id: 0,
        uuid: Uuid::new_v4(),
        node_uuid,
        address: format!("52:54:00:00:00:{number:02x}"),
        name: None,
        portgroup_uuid: None,
        pxe_enabled: true,
        physical_network: None,
        detail: PortDetail::default(),
        created_at: Some(now()),
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
        operation_item: None,
        resume_at: None,
        awaited_by: None,
    }
}

/// An entry of a node's history that tells nothing but its text.
pub fn entry(node_uuid: Uuid) -> HistoryEntry {
    HistoryEntry {
        uuid: Uuid::new_v4(),
        node_uuid,
        created_at: now(),
        conductor: None,
        event_type: "power".to_owned(),
        severity: Severity::Info,
        event: "It is on.".to_owned(),
        user: None,
        project: None,
        state: None,
        target_provision_state: None,
        duration_seconds: None,
        details: HistoryDetails::default(),
        fingerprint: None,
        exchange: None,
    }
}
