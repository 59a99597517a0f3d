//! One task, two conductors, and everything that can happen between them.
//!
//! Time is a count of ticks. A call to the control plane is read, decided and written by a process that may die in between;
//! calls and answers are lost, repeated and overtaken by others.

use crate::row::Row;
use ferric_model::task::{Announcement, LostLease, ReportVerdict, Task, TaskState, usable_part};
use std::time::Duration;
use time::OffsetDateTime;

/// Length of a tick, in seconds.
const TICK: i64 = 6;

/// How long a lease lasts, in ticks.
const LEASE: i64 = 3;

/// How often a task may lose its conductor.
const MAX_LOST_LEASES: i32 = 1;

/// Most copies of an envelope that are told apart.
const COPIES: u8 = 2;

/// The conductors.
pub const HOSTS: [&str; 2] = ["c0", "c1"];

/// Something that the protocol guards against, left out: the check must notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// A lease is counted from the moment at which its holder hears of it.
    CountsFromAnswer,
    /// A report that was repeated is taken to give the lease anew from the last attempt on.
    ExtendsFromLastAttempt,
    /// Rows are written whatever became of them since they were read.
    NoFence,
    /// A sweep takes leases that were given anew since it looked.
    SweepsRenewed,
    /// Nobody sends envelopes again that were lost.
    NeverResends,
}

/// Everything.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct World {
    pub now: i64,
    pub row: Row,
    /// Envelopes that wait in the database to be carried to the broker.
    pub outbox: u8,
    /// Envelopes at the broker.
    pub queue: u8,
    pub workers: [Worker; 2],
    /// What is under way at the control plane.
    pub calls: Vec<Call>,
    /// How much may still go wrong.
    pub faults: u8,
    /// How often the task has ended.
    pub ends: u8,
    /// A report was written for a claim that is not the last one.
    pub foreign_report: bool,
    /// A lease was taken that was not over.
    pub taken_early: bool,
}

/// What a conductor does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Worker {
    Idle,
    /// It holds a delivery and has asked for the task.
    Asking,
    /// It acts on the hardware until its lease is over.
    Acting {
        epoch: i64,
        sequence: i64,
        until: i64,
        report: Option<Report>,
    },
}

/// A report that has not been answered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Report {
    pub outcome: Outcome,
    /// When it was sent first, and last.
    pub first_at: i64,
    pub last_at: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    Continues,
    Parked,
    Succeeded,
}

/// A call to the control plane.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Call {
    pub what: What,
    pub stage: Stage,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    Claim {
        host: usize,
        asked_at: i64,
    },
    Report {
        host: usize,
        epoch: i64,
        sequence: i64,
        outcome: Outcome,
    },
    Renew {
        host: usize,
        epoch: i64,
        asked_at: i64,
    },
    /// The sweep of lost leases.
    Sweep,
    /// A heartbeat of the ramdisk.
    Wake,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// On its way.
    Sent,
    /// The row as it was when it was read.
    Read(Row),
    /// The epoch of a grant; whether a report was accepted or a lease renewed.
    Answered(Option<i64>),
}

/// What happens next.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Happening {
    Tick,
    /// The outbox is carried to the broker; the process may die before it has noted that.
    Relay {
        dies: bool,
    },
    /// Envelopes that seem to be lost are sent again.
    Resend,
    /// A conductor takes a delivery and asks for its task.
    Take(usize),
    Send(usize, Outcome),
    /// A report is sent again because it was not answered.
    SendAgain(usize),
    Renew(usize),
    Sweep,
    Wake,
    /// A process of the control plane reads, writes, or its answer arrives.
    Advance(usize),
    /// It dies, or the message is lost.
    Lose(usize),
    Crash(usize),
    /// The broker comes back without its data.
    EmptyBroker,
    /// The broker delivers once more.
    Duplicate,
}

/// A tick as the product tells time, and back.
pub fn moment(ticks: i64) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + time::Duration::seconds(ticks * TICK)
}

pub fn ticks(moment: OffsetDateTime) -> i64 {
    moment.unix_timestamp() / TICK
}

/// Ticks at whose beginning a holder that asked at `asked_at` has stopped.
fn usable_until(asked_at: i64) -> i64 {
    let lease = Duration::from_secs(u64::try_from(LEASE * TICK).unwrap());
    let usable = i64::try_from(usable_part(lease).as_secs()).unwrap();
    asked_at + (usable + TICK - 1) / TICK
}

impl World {
    pub fn new(faults: u8) -> Self {
        Self {
            now: 0,
            row: Row::queued(),
            outbox: 1,
            queue: 0,
            workers: [Worker::Idle, Worker::Idle],
            calls: Vec::new(),
            faults,
            ends: 0,
            foreign_report: false,
            taken_early: false,
        }
    }

    /// How many conductors act on the hardware. One that has told of its end only waits for the answer.
    pub fn acting(&self) -> usize {
        let acts = |worker: &&Worker| match worker {
            Worker::Acting { report: Some(report), .. } => report.outcome == Outcome::Continues,
            Worker::Acting { report: None, .. } => true,
            Worker::Idle | Worker::Asking => false,
        };
        self.workers.iter().filter(acts).count()
    }

    /// The same world with the conductors in a fixed order: which is which makes no difference.
    pub fn in_order(&self) -> Self {
        let mut world = self.clone();
        if world.workers[0] <= world.workers[1] {
            return world;
        }
        world.workers.swap(0, 1);
        world.row.claimed_by = world.row.claimed_by.map(|host| 1 - host);
        for call in &mut world.calls {
            match &mut call.what {
                What::Claim { host, .. } | What::Report { host, .. } | What::Renew { host, .. } => {
                    *host = 1 - *host
                }
                What::Sweep | What::Wake => {}
            }
            if let Stage::Read(row) = &mut call.stage {
                row.claimed_by = row.claimed_by.map(|host| 1 - host);
            }
        }
        world.calls.sort();
        world
    }

    fn calls(&self, kind: impl Fn(&What) -> bool) -> bool {
        self.calls.iter().any(|call| kind(&call.what))
    }

    /// What can happen without anything going wrong.
    pub fn courses(&self, flaw: Option<Flaw>) -> Vec<Happening> {
        let mut all: Vec<Happening> = (0..self.calls.len()).map(Happening::Advance).collect();
        if self.outbox > 0 && self.queue < COPIES {
            all.push(Happening::Relay { dies: false });
        }
        for (host, worker) in self.workers.iter().enumerate() {
            match worker {
                Worker::Idle if self.queue > 0 => all.push(Happening::Take(host)),
                Worker::Acting { report: None, epoch, sequence, .. } => {
                    // Each claim tells of its end, and of one thing before; the first one may have to wait.
                    all.push(Happening::Send(host, Outcome::Succeeded));
                    if *sequence == 0 {
                        all.push(Happening::Send(host, Outcome::Continues));
                    }
                    if *epoch == 1 {
                        all.push(Happening::Send(host, Outcome::Parked));
                    }
                }
                _ => {}
            }
            // A renewal is of use near the end of a lease.
            if matches!(worker, Worker::Acting { until, .. } if *until == self.now + 1)
                && !self.calls(|what| matches!(what, What::Renew { host: of, .. } if *of == host))
            {
                all.push(Happening::Renew(host));
            }
        }
        if self.row.state == TaskState::Running
            && self.row.lease_ends.is_some_and(|ends| ends < self.now)
            && !self.calls(|what| *what == What::Sweep)
        {
            all.push(Happening::Sweep);
        }
        if self.row.state == TaskState::Parked && !self.calls(|what| *what == What::Wake) {
            all.push(Happening::Wake);
        }
        let nowhere = self.outbox == 0 && self.queue == 0 && !self.workers.contains(&Worker::Asking);
        if self.row.state == TaskState::Queued && nowhere && flaw != Some(Flaw::NeverResends) {
            all.push(Happening::Resend);
        }
        all
    }

    /// What can go wrong.
    pub fn mishaps(&self) -> Vec<Happening> {
        let mut all: Vec<Happening> = (0..self.calls.len()).map(Happening::Lose).collect();
        if self.outbox > 0 && self.queue < COPIES {
            all.push(Happening::Relay { dies: true });
        }
        for (host, worker) in self.workers.iter().enumerate() {
            if *worker != Worker::Idle {
                all.push(Happening::Crash(host));
            }
            if matches!(worker, Worker::Acting { report: Some(_), .. }) {
                all.push(Happening::SendAgain(host));
            }
        }
        if self.queue > 0 {
            all.push(Happening::EmptyBroker);
            if self.queue < COPIES {
                all.push(Happening::Duplicate);
            }
        }
        all
    }

    /// Lets it happen.
    pub fn then(&self, happening: &Happening, flaw: Option<Flaw>) -> Self {
        let mut next = self.clone();
        match happening {
            Happening::Tick => next.tick(),
            Happening::Relay { dies } => {
                next.queue += 1;
                next.outbox -= u8::from(!dies);
            }
            Happening::Resend => next.outbox += 1,
            Happening::Take(host) => {
                next.queue -= 1;
                next.workers[*host] = Worker::Asking;
                next.call(What::Claim { host: *host, asked_at: self.now });
            }
            Happening::Send(host, outcome) => next.send(*host, *outcome),
            Happening::SendAgain(host) => next.send_again(*host),
            Happening::Renew(host) => {
                if let Worker::Acting { epoch, .. } = next.workers[*host] {
                    next.call(What::Renew { host: *host, epoch, asked_at: self.now });
                }
            }
            Happening::Sweep => next.call(What::Sweep),
            Happening::Wake => next.call(What::Wake),
            Happening::Advance(index) => next.advance(*index, flaw),
            Happening::Lose(index) => next.lose(*index),
            Happening::Crash(host) => next.crash(*host),
            Happening::EmptyBroker => next.queue = 0,
            Happening::Duplicate => next.queue += 1,
        }
        next.calls.sort();
        next
    }

    /// What is to be decided is read at once: it is read again if it has changed when the decision is written. A renewal is
    /// one statement, whenever it comes.
    fn call(&mut self, what: What) {
        let stage = match what {
            What::Renew { .. } => Stage::Sent,
            _ => Stage::Read(self.row),
        };
        self.calls.push(Call { what, stage });
    }

    fn tick(&mut self) {
        self.now += 1;
        for worker in &mut self.workers {
            if matches!(worker, Worker::Acting { until, .. } if *until <= self.now) {
                *worker = Worker::Idle;
            }
        }
    }

    fn send(&mut self, host: usize, outcome: Outcome) {
        let now = self.now;
        let Worker::Acting { epoch, sequence, report, .. } = &mut self.workers[host] else { return };
        *sequence += 1;
        *report = Some(Report { outcome, first_at: now, last_at: now });
        let what = What::Report { host, epoch: *epoch, sequence: *sequence, outcome };
        self.call(what);
    }

    fn send_again(&mut self, host: usize) {
        let now = self.now;
        let Worker::Acting { epoch, sequence, report: Some(report), .. } = &mut self.workers[host] else {
            return;
        };
        report.last_at = now;
        let what = What::Report { host, epoch: *epoch, sequence: *sequence, outcome: report.outcome };
        self.call(what);
    }

    /// A call whose answer does not come is given up by its caller: a delivery goes back to the broker.
    fn lose(&mut self, index: usize) {
        if let What::Claim { host, .. } = self.calls.remove(index).what
            && self.workers[host] == Worker::Asking
        {
            self.crash(host);
        }
    }

    fn crash(&mut self, host: usize) {
        if self.workers[host] == Worker::Asking {
            self.queue = COPIES.min(self.queue + 1);
        }
        self.workers[host] = Worker::Idle;
    }

    fn advance(&mut self, index: usize, flaw: Option<Flaw>) {
        let call = self.calls.remove(index);
        match call.stage {
            Stage::Sent => {
                let What::Renew { host, epoch, .. } = call.what else { return };
                let held = self.row.task().is_held_by(HOSTS[host], epoch);
                if held {
                    self.row.lease_ends = Some(self.now + LEASE);
                }
                self.calls.push(Call { stage: Stage::Answered(held.then_some(epoch)), ..call });
            }
            Stage::Read(read) => self.decide(call.what, read, flaw),
            Stage::Answered(answer) => self.hear(&call.what, answer, flaw),
        }
    }

    /// Decides with the product's own functions, and writes what was decided.
    fn decide(&mut self, what: What, read: Row, flaw: Option<Flaw>) {
        let ends_at = moment(self.now + LEASE);
        let mut row = read.task();
        let (changes, answer) = match &what {
            What::Claim { host, .. } => {
                let granted = row.claim(HOSTS[*host], moment(self.now), ends_at);
                (granted, granted.then_some(row.epoch))
            }
            What::Report { host, epoch, sequence, outcome } => {
                match row.judge_report(HOSTS[*host], *epoch, *sequence) {
                    ReportVerdict::New => {
                        row.note_report(*sequence, ends_at);
                        match outcome {
                            Outcome::Continues => {}
                            Outcome::Parked => row.park(None, false),
                            Outcome::Succeeded => row.end(TaskState::Succeeded, moment(self.now)),
                        }
                        (true, Some(*epoch))
                    }
                    ReportVerdict::Repeated => (false, Some(*epoch)),
                    ReportVerdict::Foreign => (false, None),
                }
            }
            What::Sweep => {
                let over = read.lease_ends.is_some_and(|ends| ends < self.now);
                let over = over && read.state == TaskState::Running;
                if over && row.lose_lease(MAX_LOST_LEASES) == LostLease::GivenUp {
                    row.end(TaskState::Failed, moment(self.now));
                }
                (over, None)
            }
            What::Wake => {
                let parked = read.state == TaskState::Parked;
                if parked {
                    row.wake();
                }
                (parked, None)
            }
            What::Renew { .. } => (false, None),
        };
        if changes && !self.write(&what, &read, &row, flaw) {
            // Somebody else wrote first: from the start.
            self.call(what);
            return;
        }
        if !matches!(what, What::Sweep | What::Wake) {
            self.calls.push(Call { what, stage: Stage::Answered(answer) });
        }
    }

    /// Writes the row where it still has the fence it was read with; false if not.
    fn write(&mut self, what: &What, read: &Row, row: &Task, flaw: Option<Flaw>) -> bool {
        let renewed = self.row.lease_ends != read.lease_ends && flaw != Some(Flaw::SweepsRenewed);
        let fits = self.row.fence() == read.fence() && !(*what == What::Sweep && renewed);
        if !fits && flaw != Some(Flaw::NoFence) {
            return false;
        }
        if let What::Report { epoch, .. } = what {
            self.foreign_report |= *epoch != self.row.epoch;
        }
        if *what == What::Sweep {
            let held = self.row.state == TaskState::Running;
            self.taken_early |= held && self.row.lease_ends.is_some_and(|ends| ends >= self.now);
        }
        self.row = Row::of(row);
        match (what, row.announcement()) {
            (What::Claim { .. }, _) | (_, None) => {}
            (_, Some(Announcement::Wanted)) => self.outbox = COPIES.min(self.outbox + 1),
            (_, Some(Announcement::Ended)) => self.ends += 1,
        }
        true
    }

    /// The answer arrives; whoever does not wait for it any more does not heed it.
    fn hear(&mut self, what: &What, answer: Option<i64>, flaw: Option<Flaw>) {
        let now = self.now;
        let from_answer = flaw == Some(Flaw::CountsFromAnswer);
        match *what {
            What::Claim { host, asked_at } if self.workers[host] == Worker::Asking => {
                let until = usable_until(if from_answer { now } else { asked_at });
                self.workers[host] = match answer {
                    Some(epoch) if until > now => Worker::Acting { epoch, sequence: 0, until, report: None },
                    _ => Worker::Idle,
                };
            }
            What::Report { host, epoch: of, sequence: number, .. } => {
                let Worker::Acting { epoch, sequence, until, report } = &mut self.workers[host] else {
                    return;
                };
                let Some(Report { outcome, first_at, last_at }) = report.clone() else { return };
                if (*epoch, *sequence) != (of, number) {
                    return;
                }
                if answer.is_none() || outcome != Outcome::Continues {
                    self.workers[host] = Worker::Idle;
                    return;
                }
                let last = flaw == Some(Flaw::ExtendsFromLastAttempt);
                *until = usable_until(if last { last_at } else { first_at }).max(*until);
                *report = None;
            }
            What::Renew { host, epoch: of, asked_at } => {
                let Worker::Acting { epoch, until, .. } = &mut self.workers[host] else { return };
                if *epoch != of {
                    return;
                }
                match answer {
                    Some(_) => *until = usable_until(if from_answer { now } else { asked_at }).max(*until),
                    None => self.workers[host] = Worker::Idle,
                }
            }
            _ => {}
        }
    }
}
