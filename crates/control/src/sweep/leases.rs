//! Leases whose conductor was not heard of in time: another conductor takes the task over, or it is given up.

use crate::begin::begin_clean_up;
use crate::commit::Change;
use crate::control::Control;
use crate::error::ControlError;
use crate::history::entry;
use crate::report::fail;
use crate::trouble::trouble_of;
use ferric_db::{Conn, tasks};
use ferric_model::failure::code;
use ferric_model::history::Severity;
use ferric_model::report::Failure;
use ferric_model::task::{LostLease, Task};

/// Most tasks of one round.
const BATCH: i64 = 100;

impl Control {
    /// Frees tasks whose lease is over.
    pub(crate) async fn sweep_lost_leases(&self) -> Result<usize, ControlError> {
        let now = self.now();
        let lost = self
            .store()
            .read(async |conn: &mut Conn| tasks::list_expired_leases(conn, now, BATCH).await)
            .await
            .map_err(ControlError::Database)?;
        let mut freed = 0;
        for task in lost {
            freed += usize::from(self.free_lost(task).await?);
        }
        Ok(freed)
    }

    async fn free_lost(&self, task: Task) -> Result<bool, ControlError> {
        let host = task.claimed_by.clone().unwrap_or_default();
        let event = format!(
            "Conductor {host} was lost while it worked on the {}; another conductor takes over.",
            task.action.as_str()
        );
        tracing::warn!(node.uuid = %task.node_uuid, task.id = %task.id, conductor = host, "a lease was lost");
        self.pass_on(task, event, |task| given_up(task, &host)).await
    }

    /// Lets another conductor have a task that one had no luck with, `event` tells which; or gives it up when that happened
    /// too often. False when somebody else wrote it meanwhile.
    pub(crate) async fn pass_on(
        &self,
        mut task: Task,
        event: String,
        given_up: impl FnOnce(&Task) -> Failure,
    ) -> Result<bool, ControlError> {
        let conductors = self.live_conductors().await?;
        let now = self.now();
        let fence = task.fence_of_lapsed();
        let Some(before) = self.find_node(&task.node_uuid.to_string()).await? else { return Ok(false) };
        let mut change = Change::from(&before);
        let node = &mut change.node;
        let begun = task.started_at.is_some();
        if task.lose_lease(self.settings().max_lost_leases) == LostLease::GivenUp {
            let failure = given_up(&task);
            change.history.extend(fail(&mut task, &before, node, &failure, now));
            if begun && task.action.may_boot_ramdisk() {
                change.begin = begin_clean_up(self, &conductors, node, task.action);
                if let Some(clean_up) = &change.begin {
                    change.troubles.push((clean_up.id, trouble_of(&failure, now)));
                }
            }
        } else {
            change.history.push(entry(&before, node, Some(&task), Severity::Info, event, now));
            change.write_node = false;
        }
        change.save = Some((task, fence));
        Ok(self.try_commit(change).await?.is_some())
    }
}

fn given_up(task: &Task, host: &str) -> Failure {
    let summary = format!(
        "{} conductors stopped answering while they worked on it, the last one was {host}",
        task.lost_leases
    );
    Failure::new(code::CONDUCTORS_LOST, task.action.as_str().replace('_', " "), summary)
}
