//! Queued tasks whose envelope may be lost, with the broker's data for example: they are sent again.

use crate::commit::task_envelope;
use crate::control::Control;
use crate::error::ControlError;
use ferric_db::{Conn, outbox, tasks};
use ferric_model::outbox::{OutboxMessage, Route};
use ferric_model::task::Task;
use std::collections::BTreeMap;
use time::{Duration, OffsetDateTime};

/// Most tasks of one round.
const BATCH: i64 = 1000;

/// Most tasks of a start, and of a sweep that finds the broker empty.
const ALL: i64 = 10_000;

/// How long an envelope may take before it is taken for lost.
const PATIENCE: Duration = Duration::seconds(60);

impl Control {
    /// Sends the envelopes of all queued tasks again: for the start of a process whose bus has forgotten everything. A
    /// duplicate is harmless: the second claim is refused.
    pub async fn resend_queued(&self) -> Result<usize, ControlError> {
        let queued = self.list_queued(self.now() + PATIENCE, ALL).await?;
        self.resend(&queued).await
    }

    /// Sends the envelopes of tasks again that nobody claimed in time, where the broker holds fewer than it should: it lost
    /// some, or was made anew. Where conductors only have too much to do, everything waits at the broker, and nothing is
    /// sent twice.
    pub async fn sweep_stranded(&self) -> Result<usize, ControlError> {
        let before = self.now() - PATIENCE;
        let stranded = self.list_queued(before, BATCH).await?;
        if stranded.is_empty() {
            return Ok(0);
        }
        let window = self.now().unix_timestamp() / PATIENCE.whole_seconds();
        if !self.win_window("stranded", window).await? {
            return Ok(0);
        }
        let mut groups: BTreeMap<String, Vec<Task>> = BTreeMap::new();
        let more = stranded.len() == BATCH as usize;
        for task in stranded {
            groups.entry(task.conductor_group.clone()).or_default().push(task);
        }
        let mut sent = 0;
        for (group, tasks) in groups {
            let waiting = self.bus().waiting_actions(&group).await?;
            if waiting == 0 && more {
                let all = self.list_queued(before, ALL).await?;
                let lost: Vec<Task> = all.into_iter().filter(|task| task.conductor_group == group).collect();
                sent += self.resend(&lost).await?;
            } else if waiting < tasks.len() {
                sent += self.resend(&tasks).await?;
            }
        }
        if sent > 0 {
            tracing::warn!(sent, "envelopes were lost and are sent again");
        }
        Ok(sent)
    }

    async fn list_queued(&self, before: OffsetDateTime, limit: i64) -> Result<Vec<Task>, ControlError> {
        self.store()
            .read(async |conn: &mut Conn| tasks::list_queued_before(conn, before, limit).await)
            .await
            .map_err(ControlError::Database)
    }

    async fn resend(&self, queued: &[Task]) -> Result<usize, ControlError> {
        if queued.is_empty() {
            return Ok(0);
        }
        let messages: Vec<OutboxMessage> = queued
            .iter()
            .map(|task| OutboxMessage {
                id: 0,
                route: Route::Action { conductor_group: task.conductor_group.clone() },
                payload: task_envelope(task),
            })
            .collect();
        let now = self.now();
        for chunk in messages.chunks(BATCH as usize) {
            self.store()
                .write("stranded", async |conn: &mut Conn| outbox::enqueue_all(conn, chunk, now).await)
                .await?;
        }
        self.outbox_bell().ring(&[]);
        Ok(messages.len())
    }
}
