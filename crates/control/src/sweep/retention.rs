//! Forgetting what is old: ended tasks, and history beyond what is kept.

use crate::control::Control;
use crate::error::ControlError;
use ferric_db::{Conn, driver_calls, history, tasks};
use time::Duration;

/// Most rows of one round.
const BATCH: i64 = 1000;

/// How often history is pruned, in seconds.
const HISTORY_WINDOW_SECS: i64 = 3600;

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
        Ok(deleted)
    }
}
