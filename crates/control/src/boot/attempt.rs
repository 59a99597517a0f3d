//! Attempts to boot: how they begin, and what is seen of them.

use super::verdict::{Standing, standing, verdict};
use crate::begin::random_token;
use crate::control::Control;
use crate::error::ControlError;
use ferric_db::{Conn, DbError, boots, nodes, tasks};
use ferric_model::boot::{BootAttempt, BootFetch, BootPurpose};
use ferric_model::failure::code;
use ferric_model::hardware::InterfaceKind;
use ferric_model::report::{TaskOutcome, TaskReport};
use ferric_model::task::{Task, TaskState};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// Key of `driver_internal_info` by which a conductor learns that it has to boot the node once more.
pub(crate) const BOOT_AGAIN: &str = "boot_again";

/// Codes of failures that a BMC is blamed for when it cannot read what it was given.
const MEDIA_REFUSED: [&str; 2] = [code::VMEDIA_INSERT_REFUSED, code::VMEDIA_NOT_INSERTED];

/// Most files of one report: there are not so many.
const FILES: usize = 32;

impl Control {
    /// Begins an attempt to boot for a task that the conductor holds; gives the URL of its artefacts. What was handed out
    /// before for the same purpose is void; only of an instance a task has but one, for nobody knows when it is booted.
    ///
    /// None when the claim is not the conductor's any more.
    pub async fn begin_boot(
        &self,
        hostname: &str,
        task_id: Uuid,
        epoch: i64,
        purpose: BootPurpose,
    ) -> Result<Option<String>, ControlError> {
        let now = self.now();
        let deadline_at = (purpose == BootPurpose::Ramdisk).then(|| self.deadline(Standing::Unasked, now));
        let begun = self
            .store()
            .write("begin boot", async |conn: &mut Conn| {
                let Some(task) = tasks::find(conn, task_id).await? else { return Ok(None) };
                let ours = task.state == TaskState::Running
                    && task.epoch == epoch
                    && task.claimed_by.as_deref() == Some(hostname);
                let Some(node) = nodes::find(conn, &task.node_uuid.into()).await?.filter(|_| ours) else {
                    return Ok(None);
                };
                if purpose == BootPurpose::Instance
                    && let Some(known) = instance_of(conn, &task).await?
                {
                    return Ok(Some(known.token));
                }
                let before = boots::latest_of_task(conn, node.uuid, task_id, purpose).await?;
                let attempt = BootAttempt {
                    id: 0,
                    node_uuid: node.uuid,
                    task_id: (purpose == BootPurpose::Ramdisk).then_some(task_id),
                    purpose,
                    token: random_token(),
                    interface: node.spec.interfaces.get(&InterfaceKind::Boot).cloned().unwrap_or_default(),
                    number: before.map_or(1, |before| before.number + 1),
                    started_at: now,
                    deadline_at: deadline_at.flatten(),
                    ended_at: None,
                };
                boots::begin(conn, &attempt).await?;
                Ok::<_, DbError>(Some(attempt.token))
            })
            .await
            .map_err(ControlError::Database)?;
        Ok(begun.map(|token| self.settings().boot_url(&token)))
    }

    /// Takes down what the boot service saw of an attempt; what is told of one that has ended is dropped.
    pub async fn report_boot(&self, token: &str, fetches: &[BootFetch]) -> Result<(), ControlError> {
        for fetch in fetches.iter().take(FILES).filter(|fetch| fetch.get) {
            self.note_installer_fetch(token, &fetch.file).await?;
        }
        let now = self.now();
        self.store()
            .write("boot evidence", async |conn: &mut Conn| {
                let attempt = boots::find_by_token(conn, token).await?;
                let Some(attempt) = attempt.filter(|attempt| attempt.ended_at.is_none()) else {
                    return Ok(());
                };
                for fetch in fetches.iter().take(FILES) {
                    boots::see(conn, attempt.id, fetch, now).await?;
                }
                if attempt.purpose == BootPurpose::Ramdisk {
                    let files = boots::files(conn, attempt.id).await?;
                    boots::expect(conn, attempt.id, self.deadline(standing(&files), now)).await?;
                }
                Ok::<_, DbError>(())
            })
            .await
            .map_err(ControlError::Database)
    }

    /// A report that blames the BMC for not taking media, told anew where it was the origin of the boot image that failed;
    /// none when there is nothing to tell anew.
    pub(crate) async fn blame_source(
        &self,
        task: &Task,
        report: &TaskReport,
    ) -> Result<Option<TaskReport>, ControlError> {
        let TaskOutcome::Failed(failure) = &report.outcome else { return Ok(None) };
        if !MEDIA_REFUSED.contains(&failure.code.as_str()) {
            return Ok(None);
        }
        let doing = failure.doing.clone();
        let read = async |conn: &mut Conn| {
            let purpose = BootPurpose::Ramdisk;
            let Some(attempt) = boots::latest_of_task(conn, task.node_uuid, task.id, purpose).await? else {
                return Ok(None);
            };
            let files = boots::files(conn, attempt.id).await?;
            Ok::<_, DbError>(files.iter().any(|file| file.error.is_some()).then_some((attempt, files)))
        };
        let found = self.store().read(read).await.map_err(ControlError::Database)?;
        Ok(found.map(|(attempt, files)| {
            let mut blamed = verdict(&attempt, &files, doing, self.now()).in_step(failure.step.clone());
            blamed.evidence = failure.evidence.clone().or(blamed.evidence);
            blamed.duration_ms = failure.duration_ms;
            TaskReport { outcome: TaskOutcome::Failed(blamed), ..report.clone() }
        }))
    }

    /// When the next thing has to have happened; none when that may take as long as the ramdisk may be silent.
    pub(crate) fn deadline(&self, standing: Standing, now: OffsetDateTime) -> Option<OffsetDateTime> {
        let settings = self.settings();
        let secs = match standing {
            Standing::Unasked => settings.boot_request_timeout_secs,
            Standing::Partial => settings.boot_stall_timeout_secs,
            Standing::Complete => settings.boot_agent_timeout_secs,
        };
        (secs > 0).then(|| now + Duration::seconds(i64::try_from(secs).unwrap_or(i64::MAX / 2)))
    }
}

/// What a task has handed out for the instance.
async fn instance_of(conn: &mut Conn, task: &Task) -> Result<Option<BootAttempt>, DbError> {
    let open = boots::find_open(conn, task.node_uuid).await?;
    let ours = |attempt: &BootAttempt| {
        attempt.purpose == BootPurpose::Instance && attempt.started_at >= task.created_at
    };
    Ok(open.into_iter().find(ours))
}
