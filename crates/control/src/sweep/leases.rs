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
use ferric_model::task::{Task, TaskState};

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

    async fn free_lost(&self, mut task: Task) -> Result<bool, ControlError> {
        let conductors = self.live_conductors().await?;
        let now = self.now();
        let ident = task.node_uuid.to_string();
        let fence = (task.epoch, task.sequence);
        let Some(before) = self.find_node(&ident).await? else { return Ok(false) };
        let mut change = Change::from(&before);
        let node = &mut change.node;
        let host = task.claimed_by.clone().unwrap_or_default();
        task.lost_leases += 1;
        if task.lost_leases > self.settings().max_lost_leases {
            let failure = given_up(&task, &host);
            change.history.extend(fail(&mut task, &before, node, &failure, now));
            if task.action.may_boot_ramdisk() {
                change.begin = begin_clean_up(self, &conductors, node, task.action);
                if let Some(clean_up) = &change.begin {
                    change.troubles.push((clean_up.id, trouble_of(&failure, now)));
                }
            }
        } else {
            let event = format!(
                "Conductor {host} was lost while it worked on the {}; another conductor takes over.",
                task.action.as_str()
            );
            change.history.push(entry(&before, node, Some(&task), Severity::Info, event, now));
            task.state = TaskState::Queued;
            task.claimed_by = None;
            task.lease_expires_at = None;
            change.write_node = false;
        }
        tracing::warn!(node.uuid = %before.uuid, task.id = %task.id, conductor = host, "a lease was lost");
        change.save = Some((task, fence.0, fence.1));
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
