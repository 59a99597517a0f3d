//! How a task changes hands: who may have it, whose word counts, and what a lost lease leads to.
//!
//! These are decisions about a row that was read. Whoever writes one names what it was read with, its [`Fence`], and starts
//! anew when the row has changed since. `tests/protocol` lets processes die and messages go astray at every point between
//! such decisions and checks that never two conductors have a task and that every task ends, once.

use super::{Task, TaskState};
use std::time::Duration;
use time::OffsetDateTime;

/// This part of a lease is not used: an action that was just begun must be over before somebody else may act.
const MARGIN_PART: u32 = 6;

/// What a decision was made on: it is written only where all of this is still so (I-6). A task never comes back to an epoch,
/// sequence and state that it has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fence {
    /// Counts the claims.
    pub epoch: i64,
    /// Number of the last report of that claim.
    pub sequence: i64,
    /// Where it stood.
    pub state: TaskState,
    /// The lease that was found to be over, where that is the reason: renewing it changes nothing else.
    pub lapsed: Option<OffsetDateTime>,
}

/// What a report is to the task that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportVerdict {
    /// It is new, and its sender has the task.
    New,
    /// It was taken before; its sender did not hear of it.
    Repeated,
    /// Its sender has lost the task.
    Foreign,
}

/// What becomes of a task whose conductor was not heard of in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LostLease {
    /// Another conductor takes it over.
    TakenOver,
    /// It was lost too often: it is to fail.
    GivenUp,
}

/// What everybody must be told because a task was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Announcement {
    /// A conductor is wanted.
    Wanted,
    /// It has ended.
    Ended,
}

/// How much of a lease its holder uses: it stops acting this long after it asked.
pub fn usable_part(lease: Duration) -> Duration {
    lease.saturating_sub(lease / MARGIN_PART)
}

impl Task {
    /// What a decision about the task as it is must be written with.
    pub const fn fence(&self) -> Fence {
        Fence { epoch: self.epoch, sequence: self.sequence, state: self.state, lapsed: None }
    }

    /// The same for a decision that is made because its lease is over.
    pub const fn fence_of_lapsed(&self) -> Fence {
        Fence { lapsed: self.lease_expires_at, ..self.fence() }
    }

    /// Gives a queued task to a conductor, with a fence of its own; false when the task is not to be had.
    #[must_use]
    pub fn claim(&mut self, hostname: &str, now: OffsetDateTime, lease_ends: OffsetDateTime) -> bool {
        if self.state != TaskState::Queued {
            return false;
        }
        self.state = TaskState::Running;
        self.epoch += 1;
        self.sequence = 0;
        self.claimed_by = Some(hostname.to_owned());
        self.lease_expires_at = Some(lease_ends);
        self.started_at.get_or_insert(now);
        self.deadline_at = None;
        true
    }

    /// Whether this claim still holds the task, so that its lease may be given anew.
    pub fn is_held_by(&self, hostname: &str, epoch: i64) -> bool {
        self.state == TaskState::Running
            && self.epoch == epoch
            && self.claimed_by.as_deref() == Some(hostname)
    }

    /// What a report of `hostname` is that names this claim and has this number in it.
    pub fn judge_report(&self, hostname: &str, epoch: i64, sequence: i64) -> ReportVerdict {
        let ours = self.epoch == epoch && self.claimed_by.as_deref() == Some(hostname);
        if ours && sequence <= self.sequence {
            ReportVerdict::Repeated
        } else if self.is_held_by(hostname, epoch) {
            ReportVerdict::New
        } else {
            ReportVerdict::Foreign
        }
    }

    /// Notes a report, which is also a sign of life.
    pub fn note_report(&mut self, sequence: i64, lease_ends: OffsetDateTime) {
        self.sequence = sequence;
        self.lease_expires_at = Some(lease_ends);
    }

    /// Takes the task from a conductor that was not heard of in time. An envelope that nobody could make use of counts as
    /// much: what drives conductors away is given up like what kills them.
    #[must_use]
    pub fn lose_lease(&mut self, max_lost_leases: i32) -> LostLease {
        self.lost_leases += 1;
        if self.lost_leases > max_lost_leases {
            return LostLease::GivenUp;
        }
        self.release(TaskState::Queued);
        LostLease::TakenOver
    }

    /// Lets the task wait until `deadline_at`, or not at all when what it waits for has come already.
    pub fn park(&mut self, deadline_at: Option<OffsetDateTime>, come_already: bool) {
        if come_already {
            self.release(TaskState::Queued);
        } else {
            self.release(TaskState::Parked);
            self.deadline_at = deadline_at;
        }
    }

    /// Lets the task wait until its time has come.
    pub fn pause(&mut self, resume_at: OffsetDateTime) {
        self.release(TaskState::Parked);
        self.resume_at = Some(resume_at);
    }

    /// Ends the wait of a parked task: a conductor is to go on.
    pub fn wake(&mut self) {
        self.state = TaskState::Queued;
        self.deadline_at = None;
        self.resume_at = None;
    }

    /// Ends the task.
    pub fn end(&mut self, state: TaskState, now: OffsetDateTime) {
        self.state = state;
        self.lease_expires_at = None;
        self.deadline_at = None;
        self.resume_at = None;
        self.finished_at = Some(now);
    }

    /// What is to be told when the task has been written as it is.
    pub const fn announcement(&self) -> Option<Announcement> {
        match self.state {
            TaskState::Queued => Some(Announcement::Wanted),
            TaskState::Succeeded | TaskState::Failed => Some(Announcement::Ended),
            TaskState::Running | TaskState::Parked => None,
        }
    }

    fn release(&mut self, state: TaskState) {
        self.state = state;
        self.claimed_by = None;
        self.lease_expires_at = None;
    }
}
