//! Boots that stand still: they are tried again, or fail with what was seen of them.

use crate::agent::wake;
use crate::boot::{BOOT_AGAIN, Standing, standing, verdict};
use crate::commit::Change;
use crate::control::{Control, pick_conductor};
use crate::error::ControlError;
use crate::history::entry;
use ferric_db::{Conn, DbError, boots, nodes, tasks};
use ferric_model::action::Action;
use ferric_model::boot::{BootAttempt, BootFile, BootPurpose};
use ferric_model::history::Severity;
use ferric_model::installer::InstallerRun;
use ferric_model::node::Node;
use ferric_model::report::Failure;
use ferric_model::task::{Task, TaskState};

/// Most attempts of one round.
const BATCH: i64 = 100;

/// What is known of an attempt that stands still.
struct Late {
    attempt: BootAttempt,
    files: Vec<BootFile>,
    task: Option<Task>,
    node: Node,
}

impl Control {
    /// Looks at boots of which nothing more was seen in time.
    pub(crate) async fn sweep_boots(&self) -> Result<usize, ControlError> {
        let now = self.now();
        let late = self
            .store()
            .read(async |conn: &mut Conn| boots::list_overdue(conn, now, BATCH).await)
            .await
            .map_err(ControlError::Database)?;
        let mut decided = 0;
        for attempt in late {
            decided += usize::from(self.decide_late(attempt).await?);
        }
        Ok(decided)
    }

    async fn decide_late(&self, attempt: BootAttempt) -> Result<bool, ControlError> {
        let id = attempt.id;
        let Some(late) = self.read_late(attempt).await? else { return Ok(false) };
        let under_way = is_heard(&late.node) || is_installer_left_alone(&late);
        if under_way && InstallerRun::of(&late.node).is_some() {
            // It goes on fetching: only its task ends the attempt.
            return self.expect_nothing(id).await.map(|()| false);
        }
        let waiting = late.task.clone().filter(|task| task.state == TaskState::Parked && !under_way);
        let Some(task) = waiting else {
            let over = late.task.as_ref().is_none_or(|task| task.state.is_final()) || under_way;
            return self.settle(id, over).await.map(|()| false);
        };
        // An inspection says its first word when it is done.
        let inspects = task.action == Action::Inspect && standing(&late.files) == Standing::Complete;
        if late.node.maintenance || inspects {
            return self.settle(id, false).await.map(|()| false);
        }
        let conductors = self.live_conductors().await?;
        let failure = verdict(&late.attempt, &late.files, waiting_for(&task), self.now())
            .because_of(&self.troubles_of(task.id).await?);
        let mut change = Change::from(&late.node);
        let fence = task.fence();
        let again = u64::try_from(late.attempt.number).unwrap_or(u64::MAX) <= self.settings().boot_retries;
        match pick_conductor(&conductors, &late.node).filter(|_| again) {
            Some(host) => {
                let text = format!(
                    "Attempt {} to boot led nowhere: {}. The node is booted again. [{}]",
                    late.attempt.number, failure.summary, failure.code
                );
                let told = entry(&late.node, &late.node, Some(&task), Severity::Info, text, self.now());
                change.history.push(told);
                change.node.reservation = Some(host);
                change.node.status.driver_internal_info.insert(BOOT_AGAIN.to_owned(), true.into());
                change.save = Some(wake(task));
            }
            None => self.end_badly(&conductors, task, fence, &late.node, &failure, &mut change),
        }
        if self.try_commit(change).await?.is_none() {
            return Ok(false);
        }
        self.settle(id, true).await?;
        Ok(true)
    }

    async fn read_late(&self, attempt: BootAttempt) -> Result<Option<Late>, ControlError> {
        let read = async |conn: &mut Conn| {
            let Some(node) = nodes::find(conn, &attempt.node_uuid.into()).await? else { return Ok(None) };
            let task = match attempt.task_id {
                Some(id) => tasks::find(conn, id).await?,
                None => None,
            };
            let files = boots::files(conn, attempt.id).await?;
            Ok::<_, DbError>(Some(Late { attempt: attempt.clone(), files, task, node }))
        };
        self.store().read(read).await.map_err(ControlError::Database)
    }

    /// Ends an attempt, or waits for it once more.
    async fn settle(&self, id: i64, over: bool) -> Result<(), ControlError> {
        let now = self.now();
        self.store()
            .write("boot attempt", async |conn: &mut Conn| match over {
                true => boots::end(conn, id, now).await.map(drop),
                false => {
                    let files = boots::files(conn, id).await?;
                    boots::expect(conn, id, self.deadline(standing(&files), now)).await
                }
            })
            .await
            .map_err(ControlError::Database)
    }

    async fn expect_nothing(&self, id: i64) -> Result<(), ControlError> {
        let rest = async |conn: &mut Conn| boots::expect(conn, id, None).await;
        self.store().write("boot attempt", rest).await.map_err(ControlError::Database)
    }

    /// What the evidence of the task's last boot says about a ramdisk that was never heard of; none without any evidence.
    pub(crate) async fn boot_verdict(&self, task: &Task) -> Result<Option<Failure>, ControlError> {
        let read = async |conn: &mut Conn| {
            let (node, purpose) = (task.node_uuid, BootPurpose::Ramdisk);
            let Some(attempt) = boots::latest_of_task(conn, node, task.id, purpose).await? else {
                return Ok(None);
            };
            let files = boots::files(conn, attempt.id).await?;
            Ok::<_, DbError>(Some((attempt, files)))
        };
        let found = self.store().read(read).await.map_err(ControlError::Database)?;
        Ok(found.map(|(attempt, files)| verdict(&attempt, &files, waiting_for(task), self.now())))
    }
}

/// What a wait for the ramdisk is called in failures.
pub(super) fn waiting_for(task: &Task) -> String {
    format!("waiting for the ramdisk during {}", task.action.as_str().replace('_', " "))
}

/// Whether an installer has all that it boots from: how long it takes from there, its phases say.
fn is_installer_left_alone(late: &Late) -> bool {
    InstallerRun::of(&late.node).is_some() && standing(&late.files) == Standing::Complete
}

/// Whether the agent of the present ramdisk was heard of.
pub(super) fn is_heard(node: &Node) -> bool {
    let internal = &node.status.driver_internal_info;
    ["agent_url", "agent_last_heartbeat"].iter().any(|key| internal.contains_key(*key))
}
