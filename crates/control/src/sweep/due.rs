//! Tasks that gave themselves a time at which they go on.

use crate::agent::wake;
use crate::commit::Change;
use crate::control::{Control, pick_conductor};
use crate::error::ControlError;
use ferric_db::{Conn, tasks};
use ferric_model::task::{Task, TaskState};

/// Most tasks of one round.
const BATCH: i64 = 100;

impl Control {
    /// Lets tasks go on whose time has come. Flows of nodes in maintenance go on when that is over.
    pub(crate) async fn sweep_due(&self) -> Result<usize, ControlError> {
        let now = self.now();
        let due = self
            .store()
            .read(async |conn: &mut Conn| tasks::list_due(conn, now, BATCH).await)
            .await
            .map_err(ControlError::Database)?;
        let mut woken = 0;
        for task in due {
            woken += usize::from(self.wake_parked(task).await?);
        }
        Ok(woken)
    }

    /// Lets a parked task go on; false when it must not, or when it has changed since it was read.
    pub(crate) async fn wake_parked(&self, task: Task) -> Result<bool, ControlError> {
        let conductors = self.live_conductors().await?;
        let Some(before) = self.find_node(&task.node_uuid.to_string()).await? else { return Ok(false) };
        let must_rest = before.maintenance && task.action.is_flow();
        if must_rest || task.state != TaskState::Parked {
            return Ok(false);
        }
        let Some(host) = pick_conductor(&conductors, &before) else { return Ok(false) };
        let mut change = Change::from(&before);
        change.node.reservation = Some(host);
        change.save = Some(wake(task));
        Ok(self.try_commit(change).await?.is_some())
    }
}
