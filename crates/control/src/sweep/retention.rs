//! Forgetting what is old: ended tasks and operations, keys of requests, and history beyond what is kept.

use crate::control::Control;
use crate::error::ControlError;
use ferric_db::{
    Conn, DbError, boots, driver_calls, fingerprints, history, idempotency, node_changes, operations, tasks,
};
use time::{Duration, OffsetDateTime};

/// Most rows of one round.
const BATCH: i64 = 1000;

/// How often operations, keys and fingerprints are pruned, in seconds.
const WINDOW_SECS: i64 = 3600;

/// Into so many slices the nodes are cut whose history is pruned, so that each has its turn once a day.
const HISTORY_SLICES: i64 = 256;

/// How long the turn of a slice is, in seconds: one process wins it.
const HISTORY_WINDOW_SECS: i64 = 86_400 / HISTORY_SLICES;

/// Most entries of history that one transaction deletes.
const HISTORY_BATCH: i64 = 500;

/// Most changes of nodes of one round.
const CHANGES: i64 = 10_000;

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
        let changes = self.settings().watch_keep_changes;
        deleted += self
            .store()
            .write("prune changes", async |conn: &mut Conn| node_changes::prune(conn, changes, CHANGES).await)
            .await?;
        deleted += self.sweep_history(now).await?;
        if self.win_window("operations", now.unix_timestamp() / WINDOW_SECS).await? {
            deleted += self.forget_requests(now).await?;
            deleted += self.forget_fingerprints(now).await?;
        }
        Ok(deleted)
    }

    /// Prunes the history of the slice of nodes whose turn it is.
    async fn sweep_history(&self, now: OffsetDateTime) -> Result<usize, ControlError> {
        let keep = (self.settings().history_max_entries, self.settings().history_min_days);
        let window = now.unix_timestamp() / HISTORY_WINDOW_SECS;
        if keep.0 <= 0 || !self.win_window("history", window).await? {
            return Ok(0);
        }
        let slice = u8::try_from(window.rem_euclid(HISTORY_SLICES)).unwrap_or(0);
        let mut deleted = 0;
        for _ in 0..ROUNDS {
            let prune = async |conn: &mut Conn| history::prune(conn, slice, keep, HISTORY_BATCH, now).await;
            let round = self.store().write("prune history", prune).await?;
            deleted += round;
            if i64::try_from(round).is_ok_and(|round| round < HISTORY_BATCH) {
                break;
            }
        }
        Ok(deleted)
    }

    /// Forgets fingerprints that were not seen for long.
    async fn forget_fingerprints(&self, now: OffsetDateTime) -> Result<usize, ControlError> {
        let days = self.settings().fingerprint_days;
        if days <= 0 {
            return Ok(0);
        }
        let before = now - Duration::days(days.min(36_500));
        let prune = async |conn: &mut Conn| fingerprints::prune(conn, before, BATCH).await;
        Ok(self.store().write("prune fingerprints", prune).await?)
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
