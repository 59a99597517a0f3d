//! Changing volumes, one move at a time: what is about to be asked is stored before it is asked, so that whoever goes on
//! looks for what became of it and never makes a volume twice.

use super::inventory::{self, apply_times};
use super::layout::Planned;
use crate::client::{Accepted, Access, Pace, RedfishError};
use crate::interface::bmc_tasks::{new_tasks, task_paths};
use crate::resource::Volume;
use ferric_hardware::{HardwareError, HardwareErrorKind};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

/// What is to be changed, and how far that came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Change {
    /// Volumes that go, by path.
    doomed: Vec<String>,
    /// Volumes that come, in their order.
    planned: Vec<Planned>,
    /// Those that came, by path.
    made: Vec<String>,
    /// What is under way.
    asked: Option<Asked>,
}

/// A request of which the end was not seen yet.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct Asked {
    /// Volumes that there were before.
    volumes: Vec<String>,
    /// Tasks that there were before.
    tasks: Vec<String>,
    /// Whether the BMC answered.
    answered: bool,
    /// Where its tasks are followed.
    monitors: Vec<String>,
    /// Whether the change waits for a reboot that has not been.
    needs_reboot: bool,
}

/// What follows.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// Store the change and go on.
    On,
    /// Store the change, reboot the node, then go on.
    Reboot,
    /// Everything is done.
    Done,
}

impl Change {
    pub(super) const fn new(doomed: Vec<String>, planned: Vec<Planned>) -> Self {
        Self { doomed, planned, made: Vec::new(), asked: None }
    }

    /// Whether a volume is the root volume that this change made.
    pub(super) fn is_root(&self, path: &str) -> bool {
        self.made.iter().zip(&self.planned).any(|(made, planned)| made == path && planned.is_root)
    }

    /// Makes the next move.
    ///
    /// **Errors**: what the BMC refused; a change that it took on and does not show.
    pub(super) async fn advance(&mut self, access: &Access) -> Result<Move, HardwareError> {
        if !self.doomed.is_empty() {
            return self.delete(access).await;
        }
        match self.planned.get(self.made.len()).cloned() {
            Some(next) => self.create(access, &next).await,
            None => Ok(Move::Done),
        }
    }

    async fn delete(&mut self, access: &Access) -> Result<Move, HardwareError> {
        let Some(mut asked) = self.asked.take() else {
            self.asked = Some(self.ask_to_delete(access).await?);
            return Ok(Move::On);
        };
        if std::mem::take(&mut asked.needs_reboot) {
            self.asked = Some(asked);
            return Ok(Move::Reboot);
        }
        let target = self.doomed.first().cloned().unwrap_or_default();
        follow(access, &target, &asked.monitors).await?;
        let deadline = Instant::now() + access.bmc.config().task_timeout();
        let mut pace = Pace::of_looks(access.bmc.config());
        loop {
            let mut left = Vec::new();
            for path in &self.doomed {
                if access.bmc.find(path).await?.is_some() {
                    left.push(path.as_str());
                }
            }
            if left.is_empty() {
                self.doomed.clear();
                return Ok(Move::On);
            }
            if Instant::now() >= deadline {
                return Err(not_shown(
                    "raid-volume-not-deleted",
                    format!("the BMC took the deletion on and still shows {}", left.join(", ")),
                ));
            }
            sleep(pace.next_pause()).await;
        }
    }

    /// Asks for every deletion; a volume that is gone needs none.
    async fn ask_to_delete(&self, access: &Access) -> Result<Asked, HardwareError> {
        let mut asked = Asked::default();
        for path in &self.doomed {
            let Some((collection, _)) = path.rsplit_once('/') else { continue };
            let at_reboot = !is_immediate(access, collection).await?;
            match access.bmc.delete(path).await {
                Ok(accepted) => {
                    asked.needs_reboot |= accepted.is_task() && at_reboot;
                    asked.monitors.extend(accepted.monitor().map(str::to_owned));
                }
                // Taken on without an answer, or asked for before by a conductor that was lost: it will be seen.
                Err(error) if error.may_have_acted() || (at_reboot && error.refused_for_now()) => {
                    tracing::info!(%error, volume = path, "the deletion may be under way");
                    asked.needs_reboot |= at_reboot;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Asked { answered: true, ..asked })
    }

    async fn create(&mut self, access: &Access, next: &Planned) -> Result<Move, HardwareError> {
        let Some(mut asked) = self.asked.take() else {
            self.asked = Some(Asked {
                volumes: paths(&inventory::volumes(access, &next.volumes).await?),
                tasks: task_paths(access).await?,
                ..Asked::default()
            });
            return Ok(Move::On);
        };
        if !asked.answered {
            asked.post(access, next).await?;
            self.asked = Some(asked);
            return Ok(Move::On);
        }
        if std::mem::take(&mut asked.needs_reboot) {
            self.asked = Some(asked);
            return Ok(Move::Reboot);
        }
        follow(access, &next.volumes, &asked.monitors).await?;
        let deadline = Instant::now() + access.bmc.config().task_timeout();
        let mut pace = Pace::of_looks(access.bmc.config());
        loop {
            if let Some(volume) = asked.find_made(access, next).await? {
                self.made.push(volume.0.path);
                return Ok(Move::On);
            }
            if Instant::now() >= deadline {
                return Err(not_shown(
                    "raid-volume-not-created",
                    format!("the BMC took the {} volume on and does not show it", next.raid_type),
                ));
            }
            sleep(pace.next_pause()).await;
        }
    }
}

impl Asked {
    /// Asks for the volume, unless the BMC shows that it was asked before.
    async fn post(&mut self, access: &Access, next: &Planned) -> Result<(), HardwareError> {
        if self.was_asked(access, next).await? {
            return Ok(());
        }
        let times = apply_times(access, &next.volumes).await?;
        let time = ["Immediate", "OnReset"].into_iter().find(|time| times.iter().any(|known| known == time));
        let body = body(next, time);
        let answer = access.bmc.post(&next.volumes, &body, &[]).await;
        match answer {
            Ok(accepted) => self.answered(&accepted, time),
            Err(error) if error.may_have_acted() => self.find_out(access, next, error).await?,
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    fn answered(&mut self, accepted: &Accepted, time: Option<&str>) {
        self.answered = true;
        self.needs_reboot = accepted.is_task() && time != Some("Immediate");
        self.monitors.extend(accepted.monitor().map(str::to_owned));
    }

    /// Looks for a while what became of a request whose answer was lost.
    async fn find_out(
        &mut self,
        access: &Access,
        next: &Planned,
        lost: RedfishError,
    ) -> Result<(), HardwareError> {
        let deadline = Instant::now() + access.bmc.config().media_timeout();
        let mut pace = Pace::of_looks(access.bmc.config());
        while !self.was_asked(access, next).await? {
            if Instant::now() >= deadline {
                return Err(lost.into());
            }
            sleep(pace.next_pause()).await;
        }
        Ok(())
    }

    /// Whether the volume is there, or a task is about to make it.
    async fn was_asked(&mut self, access: &Access, next: &Planned) -> Result<bool, HardwareError> {
        if self.find_made(access, next).await?.is_some() {
            self.answered = true;
            return Ok(true);
        }
        let ours = new_tasks(access, &self.tasks)
            .await?
            .into_iter()
            .find(|task| task.target.as_ref().is_none_or(|target| same_path(target, &next.volumes)));
        let Some(task) = ours else { return Ok(false) };
        tracing::info!(task = task.path, "the volume was asked for before");
        self.answered = true;
        self.needs_reboot = !is_immediate(access, &next.volumes).await?;
        self.monitors = vec![task.monitor];
        Ok(true)
    }

    /// The volume that was not there before and is as planned.
    async fn find_made(&self, access: &Access, next: &Planned) -> Result<Option<Volume>, HardwareError> {
        let volumes = inventory::volumes(access, &next.volumes).await?;
        Ok(volumes.into_iter().find(|volume| {
            let mut drives = volume.drives();
            let mut wanted: Vec<&str> = next.disks.iter().map(String::as_str).collect();
            drives.sort_unstable();
            wanted.sort_unstable();
            !self.volumes.contains(&volume.0.path)
                && volume.raid_type().is_some()
                && (drives.is_empty() || drives == wanted)
        }))
    }
}

fn body(next: &Planned, time: Option<&str>) -> Value {
    let drives: Vec<Value> = next.disks.iter().map(|path| json!({"@odata.id": path})).collect();
    let mut body = json!({"RAIDType": next.raid_type, "Links": {"Drives": drives}});
    if let Some(bytes) = next.bytes {
        body["CapacityBytes"] = bytes.into();
    }
    if let Some(name) = &next.name {
        body["Name"] = name.as_str().into();
    }
    if let Some(time) = time {
        body["@Redfish.OperationApplyTime"] = time.into();
    }
    body
}

async fn is_immediate(access: &Access, collection: &str) -> Result<bool, HardwareError> {
    Ok(apply_times(access, collection).await?.iter().any(|time| time == "Immediate"))
}

/// Waits for the tasks of a change.
async fn follow(access: &Access, target: &str, monitors: &[String]) -> Result<(), HardwareError> {
    let within = access.bmc.config().raid_timeout();
    for monitor in monitors {
        access.bmc.settle(&access.bmc.remembered(target, Some(monitor)), within, &[]).await?;
    }
    Ok(())
}

fn paths(volumes: &[Volume]) -> Vec<String> {
    volumes.iter().map(|volume| volume.0.path.clone()).collect()
}

fn same_path(one: &str, other: &str) -> bool {
    one.trim_end_matches('/') == other.trim_end_matches('/')
}

fn not_shown(code: &'static str, what: String) -> HardwareError {
    HardwareError::new(
        HardwareErrorKind::Timeout,
        code,
        what,
        "look at the storage controller's page and at the BMC's task list and log",
    )
}
