//! The row of a task: what the protocol reads and writes of it, small enough to keep a million of them.

use crate::world::{HOSTS, moment};
use ferric_model::action::Action;
use ferric_model::task::{Fence, Task, TaskState};
use serde_json::Value;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    pub state: TaskState,
    pub epoch: i64,
    pub sequence: i64,
    pub lost_leases: i32,
    pub claimed_by: Option<usize>,
    /// In ticks.
    pub lease_ends: Option<i64>,
}

impl Row {
    /// A task that was just accepted.
    pub fn queued() -> Self {
        Self {
            state: TaskState::Queued,
            epoch: 0,
            sequence: 0,
            lost_leases: 0,
            claimed_by: None,
            lease_ends: None,
        }
    }

    /// What a decision about it is written with, as the product has it.
    pub fn fence(self) -> Fence {
        self.task().fence()
    }

    /// The product's own task.
    pub fn task(self) -> Task {
        Task {
            id: Uuid::nil(),
            node_uuid: Uuid::nil(),
            conductor_group: String::new(),
            action: Action::Deploy,
            state: self.state,
            params: Value::Null,
            progress: Value::Null,
            epoch: self.epoch,
            sequence: self.sequence,
            lost_leases: self.lost_leases,
            claimed_by: self.claimed_by.map(|host| HOSTS[host].to_owned()),
            lease_expires_at: self.lease_ends.map(moment),
            deadline_at: None,
            resume_at: None,
            awaited_by: None,
            boot_token: None,
            user: None,
            project: None,
            request_id: None,
            result: None,
            created_at: OffsetDateTime::UNIX_EPOCH,
            started_at: None,
            finished_at: None,
            operation_item: None,
        }
    }

    /// What is left of the product's task.
    pub fn of(task: &Task) -> Self {
        let host = |name: &String| HOSTS.iter().position(|host| host == name);
        Self {
            state: task.state,
            epoch: task.epoch,
            sequence: task.sequence,
            lost_leases: task.lost_leases,
            claimed_by: task.claimed_by.as_ref().and_then(host),
            lease_ends: task.lease_expires_at.map(crate::world::ticks),
        }
    }
}

impl Row {
    fn key(&self) -> impl Hash + Ord {
        let state = TaskState::ALL.iter().position(|state| *state == self.state);
        (state, self.epoch, self.sequence, self.lost_leases, self.claimed_by, self.lease_ends)
    }
}

impl Hash for Row {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.key().hash(hasher);
    }
}

impl Ord for Row {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Row {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
