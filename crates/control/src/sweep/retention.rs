//! Forgetting what is old: ended tasks and operations, keys of requests, and history beyond what is kept.

use crate::control::Control;
use crate::error::ControlError;
use ferric_db::{Conn, DbError, boots, driver_calls, history, idempotency, operations, tasks};
use time::{Duration, OffsetDateTime};

/// Most rows of one round.
const BATCH: i64 = 1000;

/// How often history, operations and keys are pruned, in seconds.
const HISTORY_WINDOW_SECS: i64 = 3600;

/// Most operations of one round: each has many items.
const OPERATIONS: i64 = 10;

/// Most rounds in one go.
const ROUNDS: usize = 100;

impl Control {
    /// Deletes what is old.
    pub(crate) async fn sweep_retention(&self) -> Result<usize, ControlError> {
        let now = self.now();
        let seconds = i64::try_from(self.settings().task_retention_secs).unwrap_or(i64::MAX / 2);
        let before = now - Duration::seconds(seconds);
        let mut deleted = self
            .store()
            .write("prune tasks", async |conn: &mut Conn| tasks::prune_finished(conn, before, BATCH).await)
            .await
            .map_err(ControlError::Database)?;
        deleted += self
            .store()
            .write("prune driver calls", async |conn: &mut Conn| {
                driver_calls::prune(conn, before, BATCH).await
            })
            .await?;
        deleted += self
            .store()
            .write("prune boots", async |conn: &mut Conn| boots::prune_ended(conn, before, BATCH).await)
            .await?;
        let (keep, days) = (self.settings().history_max_entries, self.settings().history_min_days);
        let window = now.unix_timestamp() / HISTORY_WINDOW_SECS;
        if keep > 0 && self.win_window("history", window).await? {
            deleted += self
                .store()
                .write("prune history", async |conn: &mut Conn| {
                    history::prune(conn, keep, days, BATCH, now).await
                })
                .await?;
        }
        if self.win_window("operations", window).await? {
            deleted += self.forget_requests(now).await?;
        }
        Ok(deleted)
    }

    /// Deletes operations that ended long ago, and keys of requests that came long ago.
    async fn forget_requests(&self, now: OffsetDateTime) -> Result<usize, ControlError> {
        let ago = |secs: u64| now - Duration::seconds(i64::try_from(secs).unwrap_or(i64::MAX / 2));
        let ended = ago(self.settings().bulk_retention_secs);
        let came = ago(self.settings().idempotency_key_secs);
        let mut deleted = 0;
        for _ in 0..ROUNDS {
            let round = self
                .store()
                .write("prune requests", async |conn: &mut Conn| {
                    let operations = operations::prune_finished(conn, ended, OPERATIONS).await?;
                    let keys = idempotency::prune(conn, came, BATCH).await?;
                    Ok::<_, DbError>(operations + keys)
                })
                .await?;
            if round == 0 {
                break;
            }
            deleted += round;
        }
        Ok(deleted)
    }
}
