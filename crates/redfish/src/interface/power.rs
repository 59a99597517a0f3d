//! Power: a target is reached only when the BMC says so itself, and no action is repeated blindly.

use super::boot_device;
use super::restart::restart;
use crate::client::{Accepted, Access, Pace, RedfishClients, RedfishError};
use crate::resource::{PowerReading, System};
use async_trait::async_trait;
use ferric_hardware::interface::PowerLook;
use ferric_hardware::{HardwareError, HardwareErrorKind, Power, TaskView};
use ferric_model::failure::code;
use ferric_model::node::Node;
use ferric_model::power::{PowerState, PowerTarget};
use redfish::ResetType;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often the BMC may say "not now" to one Reset.
const MOST_REFUSALS: u32 = 6;

/// The power interface `redfish`.
#[derive(Debug, Clone)]
pub struct RedfishPower(Arc<RedfishClients>);

/// A power state that is to be reached, and how.
#[derive(Debug, Clone, Copy)]
struct Goal {
    state: PowerState,
    /// Reset types that lead there, most wanted first.
    types: &'static [ResetType],
    /// Whether the Reset may be sent once more when it is seen that nothing happened. `On` and `ForceOff` name the state
    /// they lead to: where they were carried out after all, the second one changes nothing. A graceful shutdown may
    /// take its time, and a second press of the button can mean something else to an operating system.
    repeatable: bool,
    advice: &'static str,
}

const ON: Goal = Goal {
    state: PowerState::On,
    types: &[ResetType::On, ResetType::ForceOn],
    repeatable: true,
    advice: "the BMC took the Reset and nothing happened: look into the BMC's log, try its own power button, or reset \
             the BMC",
};
const OFF: Goal = Goal { state: PowerState::Off, types: &[ResetType::ForceOff], ..ON };
const SOFT_OFF: Goal = Goal {
    state: PowerState::Off,
    types: &[ResetType::GracefulShutdown],
    repeatable: false,
    advice: "the operating system did not shut down in time: wait longer, or power off hard",
};

/// What became of the Resets so far.
#[derive(Debug, Default)]
struct Sent {
    count: u32,
    refusals: u32,
    repeated: bool,
    /// When half of the time is over that was left when the last one was sent.
    half_way: Option<Instant>,
    /// Why nobody knows yet whether the last one is carried out; none after a plain acceptance.
    last: Option<RedfishError>,
}

impl RedfishPower {
    /// Power through these clients.
    pub const fn new(clients: Arc<RedfishClients>) -> Self {
        Self(clients)
    }
}

#[async_trait]
impl Power for RedfishPower {
    fn validate(&self, node: &Node) -> Result<(), HardwareError> {
        self.0.open(node).map(drop)
    }

    async fn get_power_state(&self, node: &Node) -> Result<Option<PowerState>, HardwareError> {
        Ok(self.0.open(node)?.system().await?.power().state())
    }

    async fn look(&self, node: &Node) -> Result<PowerLook, HardwareError> {
        let system = self.0.open(node)?.system().await?;
        Ok(PowerLook { power_state: system.power().state(), health: system.health().map(str::to_owned) })
    }

    async fn set_power_state(
        &self,
        task: &TaskView,
        target: PowerTarget,
        timeout: Duration,
    ) -> Result<PowerState, HardwareError> {
        let access = self.0.open(&task.node)?;
        let deadline = Instant::now() + timeout;
        let never_off = task.node.spec.disable_power_off;
        match target {
            PowerTarget::Off | PowerTarget::SoftOff if never_off => {
                return Err(HardwareError::invalid(
                    "the node must never be powered off",
                    "clear disable_power_off of the node first",
                ));
            }
            PowerTarget::On => on(task, &access, deadline).await?,
            PowerTarget::Off => reach(&access, OFF, deadline).await?,
            PowerTarget::SoftOff => reach(&access, SOFT_OFF, deadline).await?,
            PowerTarget::Reboot | PowerTarget::SoftReboot if never_off => {
                let kind = match target {
                    PowerTarget::SoftReboot => ResetType::GracefulRestart,
                    _ => ResetType::ForceRestart,
                };
                boot_device::reapply(task, &access).await?;
                let system = access.system().await?;
                match system.power().state() {
                    Some(PowerState::Off) => reach(&access, ON, deadline).await?,
                    _ => restart(&access, &system, kind, deadline).await?,
                }
            }
            PowerTarget::Reboot => {
                reach(&access, OFF, deadline).await?;
                on(task, &access, deadline).await?;
            }
            PowerTarget::SoftReboot => {
                reach(&access, SOFT_OFF, deadline).await?;
                on(task, &access, deadline).await?;
            }
        }
        Ok(target.final_state())
    }
}

async fn on(task: &TaskView, access: &Access, deadline: Instant) -> Result<(), HardwareError> {
    boot_device::reapply(task, access).await?;
    reach(access, ON, deadline).await
}

/// Reaches a power state and returns when the BMC confirms it.
///
/// Looks first; sends one Reset; looks again at growing intervals until the deadline. The Reset is sent again only right
/// after a look that shows that nothing happened: when the BMC had said "not now", or once, half-way through, when it had
/// been accepted or lost and the goal is one that may be named twice.
async fn reach(access: &Access, goal: Goal, deadline: Instant) -> Result<(), HardwareError> {
    let started = Instant::now();
    let half_way = started + deadline.saturating_duration_since(started) / 2;
    let mut pace = Pace::of_looks(access.bmc.config());
    let mut sent = Sent::default();
    let mut system = access.system().await?;
    let mut unseen: Option<RedfishError> = None;
    loop {
        let reading = system.power();
        if unseen.is_none() && reading.settled() == Some(goal.state) {
            return Ok(());
        }
        if deadline <= Instant::now() {
            return Err(not_reached(goal, &reading, &sent, unseen.as_ref(), started.elapsed()));
        }
        if unseen.is_none() {
            if sent.may_send(goal, &reading, half_way) {
                sent.send(access, &system, goal, deadline).await?;
            } else if let Some(refusal) = sent.given_up(&reading) {
                return Err(refusal.into());
            }
        }
        let left = deadline.saturating_duration_since(Instant::now());
        sleep(pace.next_pause().min(left)).await;
        match access.system_once().await {
            Ok(read) => {
                system = read;
                unseen = None;
            }
            Err(error) if error.retryable() => unseen = Some(error),
            Err(error) => return Err(error.into()),
        }
    }
}

impl Sent {
    /// Whether a Reset may be sent now; `reading` is newer than the last one sent.
    fn may_send(&self, goal: Goal, reading: &PowerReading, half_way: Instant) -> bool {
        let now = Instant::now();
        // A server on its way is left alone for a while, but one that hangs while it powers on can be switched off.
        let wait = match reading {
            PowerReading::PoweringOn => goal.state == PowerState::On,
            PowerReading::PoweringOff => true,
            _ => false,
        };
        if wait && now < half_way {
            return false;
        }
        if self.count == 0 {
            return true;
        }
        match &self.last {
            Some(error) if error.refused_for_now() && (goal.repeatable || !error.may_have_acted()) => {
                self.refusals < MOST_REFUSALS
            }
            Some(error) if error.status().is_some() => false,
            _ => goal.repeatable && !self.repeated && self.half_way.is_some_and(|half_way| now >= half_way),
        }
    }

    /// The refusal after which nothing more can be hoped for; a server on its way is waited for.
    fn given_up(&self, reading: &PowerReading) -> Option<RedfishError> {
        let refused = self.last.as_ref().filter(|error| error.status().is_some() && !reading.is_moving())?;
        (!refused.may_have_acted() || self.refusals >= MOST_REFUSALS).then(|| refused.clone())
    }

    /// Sends a Reset and waits for its task, if it becomes one.
    ///
    /// **Errors**: only those that say that nothing was done and nothing will be.
    async fn send(
        &mut self,
        access: &Access,
        system: &System,
        goal: Goal,
        deadline: Instant,
    ) -> Result<(), HardwareError> {
        let after_refusal = self.last.as_ref().is_some_and(|error| error.status().is_some());
        self.repeated |= self.count > 0 && !after_refusal;
        self.count += 1;
        self.last = None;
        let now = Instant::now();
        self.half_way = Some(now + deadline.saturating_duration_since(now) / 2);
        match send_reset(access, system, goal.types).await {
            Ok(accepted) if accepted.is_task() => {
                self.repeated = true;
                let left = deadline.saturating_duration_since(Instant::now());
                match access.bmc.settle(&accepted, left, &[]).await {
                    Err(error @ RedfishError::TaskFailed { .. }) => {
                        let reached = access.system().await?.power().settled() == Some(goal.state);
                        if !reached {
                            return Err(error.into());
                        }
                    }
                    Err(error) => self.last = Some(error).filter(|error| error.status().is_none()),
                    Ok(()) => {}
                }
            }
            Ok(_) => {}
            Err(SendError::Missing(error)) => return Err(error),
            Err(SendError::Redfish(error)) => {
                let refused = error.status().is_some();
                if !refused && !error.may_have_acted() {
                    return Err(error.into());
                }
                self.refusals += u32::from(refused);
                self.last = Some(error);
            }
        }
        Ok(())
    }
}

/// Why a Reset was not accepted.
pub(super) enum SendError {
    /// The system does not offer it.
    Missing(HardwareError),
    /// The conversation failed.
    Redfish(RedfishError),
}

/// Sends the first of `types` that the system allows.
pub(super) async fn send_reset(
    access: &Access,
    system: &System,
    types: &[ResetType],
) -> Result<Accepted, SendError> {
    let resource = || format!("{}{}", access.bmc.address(), system.0.path);
    let action = system
        .reset()
        .ok_or_else(|| RedfishError::Missing { resource: resource(), what: "action #ComputerSystem.Reset" })
        .map_err(SendError::Redfish)?
        .described(&access.bmc, "ResetType")
        .await
        .map_err(SendError::Redfish)?;
    let chosen = types.iter().find(|kind| action.allows(&format!("{kind:?}")));
    let Some(kind) = chosen else {
        let wanted: Vec<String> = types.iter().map(|kind| format!("{kind:?}")).collect();
        let error =
            HardwareError::unsupported(format!("{} allows no Reset {}", resource(), wanted.join(" or ")))
                .said(format!("allowed are {}", action.allowable.join(", ")));
        return Err(SendError::Missing(error));
    };
    tracing::info!(bmc = access.bmc.address(), system = %system.0.path, reset_type = ?kind, "reset");
    access.bmc.post(&action.target, &json!({"ResetType": kind}), &[]).await.map_err(SendError::Redfish)
}

fn not_reached(
    goal: Goal,
    reading: &PowerReading,
    sent: &Sent,
    unseen: Option<&RedfishError>,
    waited: Duration,
) -> HardwareError {
    let mut evidence = format!("the last power state seen is {}", reading.word());
    for error in [unseen, sent.last.as_ref()].into_iter().flatten() {
        evidence.push_str(&format!("; {error}"));
        if let Some(said) = error.said() {
            evidence.push_str(&format!(": {said}"));
        }
    }
    if sent.last.is_none() && sent.count > 0 {
        evidence.push_str(&format!("; Reset was accepted {}", times(sent.count)));
    }
    let failure = HardwareError::new(
        HardwareErrorKind::Timeout,
        code::POWER_STATE_NOT_REACHED,
        format!("the node did not reach '{}' within {} s", goal.state.as_str(), waited.as_secs()),
        if unseen.is_some() {
            "the BMC stopped answering meanwhile: look at the BMC first"
        } else {
            goal.advice
        },
    )
    .said(evidence);
    match unseen.or(sent.last.as_ref()) {
        Some(error) => error.told_in(failure),
        None => failure,
    }
}

fn times(count: u32) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}
