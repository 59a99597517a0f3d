//! Watching installers: what they fetch, what they say, how long each phase takes, and what they logged.

use crate::commit::Change;
use crate::control::Control;
use crate::error::ControlError;
use crate::history::entry;
use ferric_db::{Conn, boots, installer_logs, nodes, tasks};
use ferric_model::failure::code;
use ferric_model::history::{HistoryEntry, Severity};
use ferric_model::installer::{InstallerPhase, InstallerRun, installs};
use ferric_model::node::Node;
use ferric_model::redact::MASK;
use ferric_model::report::Failure;
use ferric_model::task::{Fence, Task, TaskState};
use serde::Deserialize;
use time::{Duration, OffsetDateTime};

/// How long an installer may stay in each phase before it counts as stalled, in seconds.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InstallerDeadlines {
    /// From power on to the first byte of kernel or boot image.
    pub booting_secs: i64,
    /// From there to the answer file.
    pub fetched_kernel_secs: i64,
    /// From there to the second stage, or to the first word.
    pub fetched_answers_secs: i64,
    /// From there to the first word of the installer.
    pub fetched_stage2_secs: i64,
    /// From the first word to the last.
    pub started_secs: i64,
}

impl Default for InstallerDeadlines {
    fn default() -> Self {
        Self {
            booting_secs: 900,
            fetched_kernel_secs: 3600,
            fetched_answers_secs: 900,
            fetched_stage2_secs: 900,
            started_secs: 7200,
        }
    }
}

/// What is kept of an installer's log.
const KEPT_LINES: usize = 50;
const KEPT_BYTES: usize = 16 * 1024;

impl Control {
    /// Takes notice of a file that was fetched under a boot token: where that begins a phase of an installation, the next
    /// deadline counts from now. Files of other boots mean nothing here.
    pub(crate) async fn note_installer_fetch(&self, token: &str, file: &str) -> Result<(), ControlError> {
        let Some(phase) = InstallerPhase::of_file(file) else { return Ok(()) };
        loop {
            let Some((task, node)) = self.installation(token).await? else { return Ok(()) };
            let Some(mut run) = InstallerRun::of(&node) else { return Ok(()) };
            let now = self.now();
            if !run.reach(phase, now) {
                return Ok(());
            }
            run.fetched = Some(file.to_owned());
            run.fetched_at = Some(now);
            tracing::info!(node.uuid = %node.uuid, phase = phase.as_str(), file, "an installer went on");
            let mut change = Change::from(&node);
            run.store(&mut change.node);
            change.save = (task.state == TaskState::Parked).then(|| self.with_deadline(task, &run));
            if self.try_commit(change).await?.is_some() {
                return Ok(());
            }
        }
    }

    /// Keeps the last lines of an installer's log; false for a token that is unknown or whose installation has ended.
    pub async fn append_installer_log(&self, token: &str, lines: &str) -> Result<bool, ControlError> {
        let Some((task, node)) = self.installation(token).await? else { return Ok(false) };
        if InstallerRun::of(&node).is_none_or(|run| run.phase.is_final()) {
            return Ok(false);
        }
        let secret =
            node.status.driver_internal_info.get("agent_secret_token").and_then(|token| token.as_str());
        let clean = masked(lines, [Some(token), secret].into_iter().flatten());
        self.store()
            .write("keep installer log", async |conn: &mut Conn| {
                let known = installer_logs::find(conn, node.uuid).await?;
                let before = known.filter(|known| known.task_id == task.id).map(|known| known.tail);
                let tail = last_lines(&before.unwrap_or_default(), &clean);
                installer_logs::save(conn, node.uuid, task.id, &tail).await
            })
            .await?;
        Ok(true)
    }

    /// The task of an attempt to boot and its node, if that installs the node and has not ended.
    async fn installation(&self, token: &str) -> Result<Option<(Task, Node)>, ControlError> {
        let found = self
            .store()
            .read(async |conn: &mut Conn| {
                let Some(attempt) = boots::find_by_token(conn, token).await? else { return Ok(None) };
                let Some(id) = attempt.task_id.filter(|_| attempt.ended_at.is_none()) else {
                    return Ok(None);
                };
                let Some(task) = tasks::find(conn, id).await? else { return Ok(None) };
                Ok(nodes::find(conn, &task.node_uuid.into()).await?.map(|node| (task, node)))
            })
            .await
            .map_err(ControlError::Database)?;
        Ok(found.filter(|(task, node)| !task.state.is_final() && installs(node, task.action)))
    }

    /// What an installer said of itself. After its last word it has no secret any more.
    pub(crate) fn hear_installer(&self, node: &mut Node, status: Option<&str>) {
        let Some(phase) = status.and_then(InstallerPhase::of_status) else { return };
        let Some(mut run) = InstallerRun::of(node) else { return };
        if run.reach(phase, self.now()) {
            run.store(node);
        }
        if phase.is_final() {
            for key in ["agent_secret_token", "agent_secret_token_pregenerated"] {
                node.status.driver_internal_info.remove(key);
            }
        }
    }

    /// A parked task with the deadline of its phase, and the fence under which it is saved.
    fn with_deadline(&self, mut task: Task, run: &InstallerRun) -> (Task, Fence) {
        task.deadline_at = self.phase_ends(run);
        let fence = task.fence();
        (task, fence)
    }

    /// Gives a task that was just parked the deadline of its installer's phase.
    pub(crate) fn bound_installer(&self, task: &mut Task, node: &mut Node, now: OffsetDateTime) {
        let Some(mut run) = InstallerRun::of(node) else { return };
        if run.since.is_none() {
            run.since = Some(now);
            run.store(node);
        }
        if task.state == TaskState::Parked {
            task.deadline_at = self.phase_ends(&run);
        }
    }

    fn phase_ends(&self, run: &InstallerRun) -> Option<OffsetDateTime> {
        let limits = &self.settings().installer;
        let secs = match run.phase {
            InstallerPhase::Booting => limits.booting_secs,
            InstallerPhase::FetchedKernel => limits.fetched_kernel_secs,
            InstallerPhase::FetchedAnswers => limits.fetched_answers_secs,
            InstallerPhase::FetchedStage2 => limits.fetched_stage2_secs,
            InstallerPhase::Started => limits.started_secs,
            InstallerPhase::Ended | InstallerPhase::Failed => return None,
        };
        run.since.map(|since| since + Duration::seconds(secs))
    }

    /// The last log lines of the installation that a task is.
    pub(crate) async fn installer_log(
        &self,
        task: &Task,
        node: &Node,
    ) -> Result<Option<String>, ControlError> {
        if !installs(node, task.action) {
            return Ok(None);
        }
        let find = async |conn: &mut Conn| installer_logs::find(conn, node.uuid).await;
        let found = self.store().read(find).await?;
        Ok(found.filter(|log| log.task_id == task.id && !log.tail.is_empty()).map(|log| log.tail))
    }
}

/// The entry with what an installer logged last, beside the one that says how it failed.
pub(crate) fn log_entry(
    before: &Node,
    after: &Node,
    task: &Task,
    log: &str,
    now: OffsetDateTime,
) -> HistoryEntry {
    let event = format!("The installer's last log lines:\n{log}");
    entry(before, after, Some(task), Severity::Info, event, now)
}

/// Why an installer counts as stalled; none for a node that no installer installs.
pub(crate) fn stalled(task: &Task, node: &Node, now: OffsetDateTime) -> Option<Failure> {
    let run = InstallerRun::of(node)?;
    let phase = run.phase;
    let spent = run.since.map_or(0, |since| (now - since).whole_seconds().max(0));
    let evidence = match (&run.fetched, run.fetched_at) {
        (Some(file), Some(at)) => {
            format!("the last file fetched was {file}, {} s before", (now - at).whole_seconds())
        }
        _ => "no file was fetched".to_owned(),
    };
    let advice = match phase {
        InstallerPhase::Booting => {
            "look at the node's console: its firmware did not fetch the boot image or the boot loader"
        }
        InstallerPhase::FetchedKernel => {
            "look at the node's console: kernel and ramdisk must match, and reach the boot service"
        }
        InstallerPhase::FetchedAnswers | InstallerPhase::FetchedStage2 => {
            "look at the node's console: the installer must reach its second stage, its repository and the API"
        }
        InstallerPhase::Started => {
            "read the installer's last log lines in the node's history; it may wait for an answer at its console"
        }
        InstallerPhase::Ended | InstallerPhase::Failed => "deploy the node again",
    };
    let doing = format!("waiting for the installer during {}", task.action.as_str().replace('_', " "));
    let summary = format!(
        "the installer stalled in the phase '{}' after {spent} s; expected next: {}",
        phase.as_str(),
        phase.expects()
    );
    let failure = Failure::new(code::INSTALLER_STALLED, doing, summary).said(evidence).advised(advice);
    Some(failure.in_step(Some("deploy.deploy".to_owned())))
}

/// Old and new lines, as many of the last as are kept; without control characters.
fn last_lines(before: &str, lines: &str) -> String {
    let all: Vec<&str> = before.lines().chain(lines.lines()).filter(|line| !line.trim().is_empty()).collect();
    let mut kept = Vec::new();
    let mut bytes = 0;
    for line in all.iter().rev().take(KEPT_LINES) {
        let plain: String = line.chars().filter(|c| !c.is_control() || *c == '\t').collect();
        bytes += plain.len() + 1;
        if bytes > KEPT_BYTES {
            break;
        }
        kept.push(plain);
    }
    kept.reverse();
    kept.join("\n")
}

fn masked<'a>(text: &str, secrets: impl Iterator<Item = &'a str>) -> String {
    secrets
        .filter(|secret| !secret.is_empty())
        .fold(text.to_owned(), |text, secret| text.replace(secret, MASK))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_kept_and_no_more() {
        let many: String = (0..200).map(|line| format!("line {line}\n")).collect();
        let kept = last_lines("earlier\n", &many);
        assert_eq!(kept.lines().count(), KEPT_LINES);
        assert!(kept.starts_with("line 150") && kept.ends_with("line 199"), "{kept}");
        assert_eq!(last_lines("a", "b\u{1b}[31m\n\n"), "a\nb[31m");
        assert_eq!(last_lines("", &"x".repeat(KEPT_BYTES)), "");
    }

    #[test]
    fn secrets_do_not_stay_in_lines() {
        assert_eq!(
            masked("GET /boot/tok/ks.cfg secret", ["tok", "secret", ""].into_iter()),
            format!("GET /boot/{MASK}/ks.cfg {MASK}")
        );
    }
}
