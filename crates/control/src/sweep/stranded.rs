//! Queued tasks whose envelope may be lost, with the broker's data for example: they are sent again.

use crate::commit::task_envelope;
use crate::control::Control;
use crate::error::ControlError;
use ferric_db::{Conn, DbError, outbox, tasks};
use ferric_model::outbox::{OutboxMessage, Route};
use ferric_model::task::Task;
use time::{Duration, OffsetDateTime};

/// Most tasks of one round.
const BATCH: i64 = 100;

/// Most tasks of a start.
const START_BATCH: i64 = 10_000;

/// How long an envelope may take before it is taken for lost.
const PATIENCE: Duration = Duration::seconds(60);

impl Control {
    /// Sends the envelopes of all queued tasks again: for the start of a process whose bus has forgotten everything. A
    /// duplicate is harmless: the second claim is refused.
    pub async fn resend_queued(&self) -> Result<usize, ControlError> {
        let queued = self.list_queued(self.now() + PATIENCE, START_BATCH).await?;
        self.resend(&queued).await
    }

    /// Sends the envelopes of tasks again that nobody claimed in time.
    pub(crate) async fn sweep_stranded(&self) -> Result<usize, ControlError> {
        let stranded = self.list_queued(self.now() - PATIENCE, BATCH).await?;
        if stranded.is_empty() {
            return Ok(0);
        }
        let window = self.now().unix_timestamp() / PATIENCE.whole_seconds();
        if !self.win_window("stranded", window).await? {
            return Ok(0);
        }
        self.resend(&stranded).await
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
        let left = self
            .store()
            .write("stranded", async |conn: &mut Conn| {
                let left: Result<_, DbError> = outbox::enqueue(conn, &messages, now).await;
                left
            })
            .await?;
        self.outbox_bell().ring(&left);
        Ok(messages.len())
    }
}
