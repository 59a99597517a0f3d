//! A living agent as its command API sees it: identity, token, and the commands it was given.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::Value;
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::command::{Command, CommandError};
use crate::clock;
use crate::power::Uptime;
use crate::state::Counters;

/// An agent that found its node.
pub(crate) struct Agent {
    uptime: Uptime,
    node_uuid: String,
    callback_url: String,
    token: String,
    pub(super) started_at: String,
    records: Mutex<Vec<Record>>,
    changes: watch::Sender<usize>,
    queue: mpsc::UnboundedSender<Job>,
    early: Notify,
    leave: CancellationToken,
}

/// Asynchronous commands on their way to the one worker; there is never more than one.
pub(super) type Jobs = mpsc::UnboundedReceiver<Job>;

/// One asynchronous command to carry out.
#[derive(Debug)]
pub(super) struct Job {
    pub id: Uuid,
    pub command: &'static Command,
    pub params: Value,
}

/// A command and how it went, as the command API shows it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Record {
    pub id: Uuid,
    pub command_name: &'static str,
    pub command_status: Status,
    pub command_error: Option<CommandError>,
    pub command_result: Option<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Status {
    Running,
    Succeeded,
    Failed,
    CleanVersionMismatch,
}

/// Another command is still running.
#[derive(Debug)]
pub(super) struct Busy {
    pub with: &'static str,
}

impl Agent {
    pub(super) fn new(uptime: Uptime, node_uuid: String, token: String) -> (Self, Jobs) {
        let (queue, jobs) = mpsc::unbounded_channel();
        let fleet = &uptime.fleet;
        let callback_url = format!("{}{}", fleet.base_url, fleet.servers[uptime.index].identity.agent_path());
        let agent = Self {
            node_uuid,
            callback_url,
            token,
            started_at: clock::now(),
            records: Mutex::default(),
            changes: watch::channel(0).0,
            queue,
            early: Notify::new(),
            leave: CancellationToken::new(),
            uptime,
        };
        (agent, jobs)
    }

    pub(crate) fn node_uuid(&self) -> &str {
        &self.node_uuid
    }

    pub(crate) fn callback_url(&self) -> &str {
        &self.callback_url
    }

    /// The command in progress.
    pub(crate) fn busy_with(&self) -> Option<String> {
        running(&self.lock()).map(|record| record.command_name.to_owned())
    }

    pub(super) fn token(&self) -> &str {
        &self.token
    }

    pub(super) fn uptime(&self) -> &Uptime {
        &self.uptime
    }

    pub(super) fn records(&self) -> Vec<Record> {
        self.lock().clone()
    }

    pub(super) fn find_record(&self, id: Uuid) -> Option<Record> {
        self.lock().iter().find(|record| record.id == id).cloned()
    }

    /// Takes a command: does it at once, or queues it for the worker.
    pub(super) fn submit(&self, command: &'static Command, params: Value) -> Result<Uuid, Busy> {
        let id = self.begin(command)?;
        self.uptime.update(|live| Counters::count(&mut live.state.counters.commands, command.name));
        match command.answer(self, &params) {
            Some(outcome) => self.end(id, outcome),
            None => {
                if self.queue.send(Job { id, command, params }).is_err() {
                    tracing::debug!(server = self.uptime.index, "a command came while the agent was dying");
                }
            }
        }
        Ok(id)
    }

    fn begin(&self, command: &'static Command) -> Result<Uuid, Busy> {
        let mut records = self.lock();
        if let Some(record) = running(&records) {
            return Err(Busy { with: record.command_name });
        }
        let id = Uuid::new_v4();
        records.push(Record {
            id,
            command_name: command.short_name(),
            command_status: Status::Running,
            command_error: None,
            command_result: None,
        });
        Ok(id)
    }

    fn end(&self, id: Uuid, outcome: Result<Value, CommandError>) {
        if let Some(record) = self.lock().iter_mut().find(|record| record.id == id) {
            record.finish(outcome);
        }
        self.changes.send_modify(|number| *number += 1);
    }

    /// Ends a command of the worker; the next heartbeat is due at once.
    pub(super) fn finish(&self, id: Uuid, outcome: Result<Value, CommandError>) {
        self.end(id, outcome);
        self.early.notify_one();
    }

    /// Waits until a command is over; `None` when the agent is over first.
    pub(super) async fn wait_for(&self, id: Uuid) -> Option<Record> {
        let mut changes = self.changes.subscribe();
        loop {
            changes.mark_unchanged();
            let record = self.find_record(id)?;
            if record.command_status != Status::Running {
                return Some(record);
            }
            tokio::select! {
                changed = changes.changed() => changed.ok()?,
                () = self.uptime.over() => return self.find_record(id).filter(Record::is_over),
                () = self.left() => return self.find_record(id).filter(Record::is_over),
            }
        }
    }

    pub(super) async fn command_finished(&self) {
        self.early.notified().await;
    }

    /// The agent ends while the ramdisk goes on: nobody answers at its URL any more.
    pub(super) fn leave(&self) {
        self.leave.cancel();
        self.uptime.update(|live| live.activity.agent = None);
    }

    pub(super) async fn left(&self) {
        self.leave.cancelled().await;
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Record>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn running(records: &[Record]) -> Option<&Record> {
    records.iter().find(|record| !record.is_over())
}

impl Record {
    fn is_over(&self) -> bool {
        self.command_status != Status::Running
    }

    fn finish(&mut self, outcome: Result<Value, CommandError>) {
        match outcome {
            Ok(result) => {
                self.command_status = Status::Succeeded;
                // Results that are text are wrapped, as agents do.
                self.command_result = Some(match result {
                    Value::String(text) => serde_json::json!({ "result": text }),
                    other => other,
                });
            }
            Err(error) => {
                self.command_status =
                    if error.version_mismatch { Status::CleanVersionMismatch } else { Status::Failed };
                self.command_error = Some(error);
            }
        }
    }
}
