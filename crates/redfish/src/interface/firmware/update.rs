//! Replacing firmware, one image after the other, one move at a time: what is about to be asked is stored before it is
//! asked, and a BMC that restarts with its new firmware is waited for.
//!
//! Source: DSP0268, UpdateService, SimpleUpdate; `contract: hardware-interfaces` section 5.

use super::components;
use crate::client::{Access, Pace, RedfishError, TaskLook};
use crate::interface::bmc_tasks::{new_tasks, task_paths};
use crate::resource::{Action, ServiceRoot};
use ferric_hardware::{HardwareError, HardwareErrorKind};
use ferric_model::firmware::FirmwareComponents;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use url::Url;

/// An image that is to be installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Image {
    /// What it is for: `bios`, `bmc`, `nic:<id>`; none where nobody said.
    pub component: Option<String>,
    /// Where the BMC gets it.
    pub url: String,
    /// How long to wait behind it, in seconds.
    pub wait_secs: u64,
}

/// How far a list of images came.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Update {
    /// How many are installed.
    done: usize,
    /// What is under way.
    asked: Option<Asked>,
}

/// An image of which the end was not seen yet.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct Asked {
    /// The version before.
    version: Option<String>,
    /// Tasks that there were before.
    tasks: Vec<String>,
    /// Whether the BMC answered.
    answered: bool,
    /// What was posted to.
    target: String,
    /// Where the task is followed.
    monitor: Option<String>,
    /// Whether the task is over.
    ended: bool,
    /// The state of the task, or its end, for which the node was rebooted last.
    rebooted_in: Option<String>,
    /// How long it was followed, in milliseconds.
    followed_ms: u64,
}

/// What follows.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// Store the update and go on.
    On,
    /// Store the update, reboot the node, then go on.
    Reboot,
    /// Every image is installed.
    Done,
}

/// What stands in the place of a state once the task has ended.
const ENDED: &str = "ended";

/// States of a task that waits for a reboot of the node.
const WAITING: [&str; 3] = ["Pending", "Suspended", "Service"];

impl Update {
    /// Makes the next move with the images of a step.
    ///
    /// **Errors**: what the BMC refused, a task that failed or does not end.
    pub(super) async fn advance(&mut self, access: &Access, images: &[Image]) -> Result<Move, HardwareError> {
        let Some(image) = images.get(self.done) else { return Ok(Move::Done) };
        let Some(mut asked) = self.asked.take() else {
            self.asked = Some(Asked {
                version: version(access, image).await?,
                tasks: task_paths(access).await?,
                ..Asked::default()
            });
            return Ok(Move::On);
        };
        let next = if !asked.answered {
            asked.post(access, image).await?;
            Move::On
        } else if !asked.ended {
            asked.follow(access, image).await?
        } else {
            let is_last = self.done + 1 == images.len();
            asked.conclude(access, image, is_last).await?
        };
        if next == Move::Done {
            sleep(Duration::from_secs(image.wait_secs)).await;
            settled(access).await?;
            self.done += 1;
            return Ok(Move::On);
        }
        self.asked = Some(asked);
        Ok(next)
    }
}

impl Asked {
    /// Asks for the update, unless the BMC shows that it was asked before.
    async fn post(&mut self, access: &Access, image: &Image) -> Result<(), HardwareError> {
        if self.was_asked(access, image).await? {
            return Ok(());
        }
        let action = simple_update(access).await?;
        let mut body = json!({"ImageURI": image.url});
        if let Some(system) = targets(access).await? {
            body["Targets"] = json!([system]);
        }
        let secrets = secrets_of(&image.url);
        let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
        match access.bmc.post(&action.target, &body, &secrets).await {
            Ok(accepted) => {
                self.answered = true;
                self.target = action.target;
                self.monitor = accepted.monitor().map(str::to_owned);
                Ok(())
            }
            Err(error) if error.may_have_acted() => self.find_out(access, image, error).await,
            Err(error) => Err(error.into()),
        }
    }

    async fn find_out(
        &mut self,
        access: &Access,
        image: &Image,
        lost: RedfishError,
    ) -> Result<(), HardwareError> {
        let deadline = Instant::now() + access.bmc.config().media_timeout();
        let mut pace = Pace::of_looks(access.bmc.config());
        while !self.was_asked(access, image).await? {
            if Instant::now() >= deadline {
                return Err(lost.into());
            }
            sleep(pace.next_pause()).await;
        }
        Ok(())
    }

    /// Whether a task is about to install the image, or it is installed.
    async fn was_asked(&mut self, access: &Access, image: &Image) -> Result<bool, HardwareError> {
        let system = targets(access).await?;
        let ours = new_tasks(access, &self.tasks).await?.into_iter().find(|task| {
            let of_update = task.target.as_ref().is_none_or(|target| target.contains("UpdateService"));
            of_update && system.as_ref().is_none_or(|system| task.body.contains(system))
        });
        if let Some(task) = ours {
            tracing::info!(task = task.path, "the update was asked for before");
            self.target = task.target.unwrap_or(task.path);
            self.monitor = Some(task.monitor);
            self.answered = true;
        } else if self.is_newer(&version(access, image).await?) {
            self.answered = true;
        }
        Ok(self.answered)
    }

    /// Whether this version is another one than that before; one that cannot be read says nothing.
    fn is_newer(&self, now: &Option<String>) -> bool {
        now.is_some() && *now != self.version
    }

    /// Follows the task for a while. One that waits for a reboot gets it, once for each state in which it does.
    async fn follow(&mut self, access: &Access, image: &Image) -> Result<Move, HardwareError> {
        let config = access.bmc.config();
        let begun = Instant::now();
        let mut pace = Pace::of_looks(config);
        let accepted = access.bmc.remembered(&self.target, self.monitor.as_deref());
        loop {
            match access.bmc.look_at_task(&accepted, &[]).await {
                Ok(TaskLook::Ended) => {
                    self.ended = true;
                    return Ok(Move::On);
                }
                Ok(TaskLook::Running { state, .. }) => {
                    let state = state.unwrap_or_default();
                    let stalls = state == "Starting" && self.followed(begun) >= config.firmware_stall();
                    let waits = WAITING.contains(&state.as_str()) || stalls;
                    if waits && self.rebooted_in.as_ref() != Some(&state) {
                        self.rebooted_in = Some(state);
                        self.followed_ms = as_ms(self.followed(begun));
                        return Ok(Move::Reboot);
                    }
                }
                Err(error) if error.retryable() || is_restarting(&error) => {
                    tracing::debug!(%error, "the BMC does not tell how far the update is");
                }
                Err(error) => return Err(error.into()),
            }
            if self.followed(begun) >= config.firmware_timeout() {
                return Err(HardwareError::new(
                    HardwareErrorKind::Timeout,
                    "firmware-update-timeout",
                    format!("the update of {} did not end in time", image.label()),
                    "look at the BMC's task list and log before anything is installed again",
                ));
            }
            // What was seen is stored now and then, so that the time already waited is not waited again.
            if begun.elapsed() >= config.task_timeout() {
                self.followed_ms = as_ms(self.followed(begun));
                return Ok(Move::On);
            }
            sleep(pace.next_pause()).await;
        }
    }

    /// Waits for the new version to show; where it needs a reboot to show, the node gets one.
    async fn conclude(
        &mut self,
        access: &Access,
        image: &Image,
        is_last: bool,
    ) -> Result<Move, HardwareError> {
        let Some(component) = image.component.as_deref() else {
            // Nobody knows what was installed; what the next image needs may be in force only behind a reboot.
            let reboots = self.rebooted_in.is_none() && !is_last;
            if reboots {
                self.rebooted_in = Some(ENDED.to_owned());
            }
            return Ok(if reboots { Move::Reboot } else { Move::Done });
        };
        let config = access.bmc.config();
        let deadline = Instant::now() + config.firmware_reboot_delay();
        let mut pace = Pace::of_looks(config);
        loop {
            match version(access, image).await {
                Ok(now) if self.is_newer(&now) => {
                    tracing::info!(component, before = self.version, now, "firmware was replaced");
                    return Ok(Move::Done);
                }
                Ok(_) => {}
                Err(error) if error.retryable() || is_restarting(&error) => {}
                Err(error) => return Err(error.into()),
            }
            // The BMC restarts by itself; everything else takes its firmware on at a boot of the node.
            if component != "bmc" && self.rebooted_in.is_none() {
                self.rebooted_in = Some(ENDED.to_owned());
                return Ok(Move::Reboot);
            }
            if Instant::now() >= deadline {
                tracing::warn!(
                    component,
                    version = self.version,
                    "the version is the same as before the update"
                );
                return Ok(Move::Done);
            }
            sleep(pace.next_pause()).await;
        }
    }

    fn followed(&self, since: Instant) -> Duration {
        Duration::from_millis(self.followed_ms) + since.elapsed()
    }
}

impl Image {
    /// What it is, for people.
    fn label(&self) -> String {
        self.component.clone().unwrap_or_else(|| "firmware".to_owned())
    }
}

/// What a BMC says that has just started: its sessions are gone, its services are not there yet.
fn is_restarting(error: &RedfishError) -> bool {
    matches!(error, RedfishError::Tls { .. } | RedfishError::Refused { status: 404.., .. })
}

/// The version of the component that the image is for.
async fn version(access: &Access, image: &Image) -> Result<Option<String>, RedfishError> {
    let Some(component) = &image.component else { return Ok(None) };
    let mut all: FirmwareComponents = components::read(access).await?;
    Ok(all.remove(component).and_then(|found| found.current_version))
}

/// Returns when the BMC answered several times in a row.
async fn settled(access: &Access) -> Result<(), HardwareError> {
    let config = access.bmc.config();
    let deadline = Instant::now() + config.firmware_settle_timeout();
    let mut answers = 0;
    loop {
        match access.system_once().await {
            Ok(_) => answers += 1,
            Err(error) if error.retryable() || is_restarting(&error) => answers = 0,
            Err(error) => return Err(error.into()),
        }
        if answers >= config.firmware_settle_reads {
            return Ok(());
        }
        if Instant::now() >= deadline {
            return Err(HardwareError::new(
                HardwareErrorKind::Unreachable,
                "firmware-bmc-unsettled",
                "the BMC does not answer steadily after the update",
                "look at the BMC's own page and log; it may need to be reset",
            ));
        }
        sleep(config.firmware_settle_pause()).await;
    }
}

async fn simple_update(access: &Access) -> Result<Action, HardwareError> {
    let root = access.bmc.root().await?;
    let service = match ServiceRoot(&root).update_service() {
        Some(path) => access.bmc.find(path).await?,
        None => None,
    };
    let action =
        service.as_ref().and_then(|service| Action::find(service, "#UpdateService.SimpleUpdate", ""));
    action.ok_or_else(|| {
        HardwareError::unsupported("the BMC does not offer to install firmware (SimpleUpdate)")
    })
}

/// The node's system, where the service has several.
async fn targets(access: &Access) -> Result<Option<String>, RedfishError> {
    Ok(if access.has_other_systems().await? { Some(access.system_path().await?) } else { None })
}

/// What a URL has of secrets, which a BMC may repeat when it refuses.
fn secrets_of(url: &str) -> Vec<String> {
    let Ok(parsed) = Url::parse(url) else { return Vec::new() };
    let password = parsed.password().map(str::to_owned);
    let query = parsed.query().map(str::to_owned);
    password.into_iter().chain(query).filter(|secret| !secret.is_empty()).collect()
}

fn as_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
