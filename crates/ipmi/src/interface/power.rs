//! Power: a target is reached only when the BMC says so itself, and no action is repeated blindly.

use super::boot_device;
use crate::error::IpmiError;
use crate::tool::{Bmc, Command, Ipmitool};
use async_trait::async_trait;
use ferric_hardware::{HardwareError, HardwareErrorKind, Power, TaskView};
use ferric_model::failure::code;
use ferric_model::node::Node;
use ferric_model::power::{PowerState, PowerTarget};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The power interface `ipmitool`.
#[derive(Debug, Clone)]
pub struct IpmiPower(Ipmitool);

/// A power state that is to be reached, and how.
#[derive(Debug, Clone, Copy)]
struct Goal {
    state: PowerState,
    command: Command<'static>,
    advice: &'static str,
}

const STATUS: Command<'static> = Command::harmless(&["power", "status"]);

/// What the program answers to [`STATUS`].
const WORDS: [(&str, PowerState); 2] =
    [("Chassis Power is on", PowerState::On), ("Chassis Power is off", PowerState::Off)];

const ON: Goal = Goal {
    state: PowerState::On,
    command: Command::harmless(&["power", "on"]),
    advice: "the BMC took the command and nothing happened: look into the BMC's log, try its power button, or reset the BMC",
};
const OFF: Goal = Goal { state: PowerState::Off, command: Command::harmless(&["power", "off"]), ..ON };
const SOFT_OFF: Goal = Goal {
    state: PowerState::Off,
    command: Command::once(&["power", "soft"]),
    advice: "the operating system did not shut down in time: wait longer, or power off hard",
};
const RESET: Command<'static> = Command::once(&["power", "reset"]);

impl IpmiPower {
    /// Power through this program.
    pub const fn new(tool: Ipmitool) -> Self {
        Self(tool)
    }
}

#[async_trait]
impl Power for IpmiPower {
    fn validate(&self, node: &Node) -> Result<(), HardwareError> {
        self.0.open(node).map(drop)
    }

    async fn get_power_state(&self, node: &Node) -> Result<Option<PowerState>, HardwareError> {
        let bmc = self.0.open(node)?;
        let deadline = Instant::now() + bmc.config().retry_timeout();
        Ok(read(&bmc, deadline).await?)
    }

    async fn set_power_state(
        &self,
        task: &TaskView,
        target: PowerTarget,
        timeout: Duration,
    ) -> Result<PowerState, HardwareError> {
        let bmc = self.0.open(&task.node)?;
        let deadline = Instant::now() + timeout;
        let never_off = task.node.spec.disable_power_off;
        match target {
            PowerTarget::On => on(task, &bmc, deadline).await?,
            PowerTarget::Reboot if never_off => restart(task, &bmc, deadline).await?,
            _ if never_off => {
                return Err(HardwareError::invalid(
                    "the node must never be powered off",
                    "clear disable_power_off of the node first, or reboot it hard",
                ));
            }
            PowerTarget::Off => reach(&bmc, OFF, deadline).await?,
            PowerTarget::SoftOff => reach(&bmc, SOFT_OFF, deadline).await?,
            PowerTarget::Reboot => {
                reach(&bmc, OFF, deadline).await?;
                on(task, &bmc, deadline).await?;
            }
            PowerTarget::SoftReboot => {
                reach(&bmc, SOFT_OFF, deadline).await?;
                on(task, &bmc, deadline).await?;
            }
        }
        Ok(target.final_state())
    }
}

async fn read(bmc: &Bmc, deadline: Instant) -> Result<Option<PowerState>, IpmiError> {
    let answer = bmc.ask_until(STATUS, deadline).await?;
    let word = |line: &str| WORDS.iter().find(|(word, _)| line.trim() == *word).map(|row| row.1);
    Ok(answer.lines().find_map(word))
}

async fn on(task: &TaskView, bmc: &Bmc, deadline: Instant) -> Result<(), HardwareError> {
    boot_device::reapply(task, bmc).await?;
    reach(bmc, ON, deadline).await
}

/// Restarts a node that must not be powered off. IPMI shows no sign of a reset, so it is believed after a while.
async fn restart(task: &TaskView, bmc: &Bmc, deadline: Instant) -> Result<(), HardwareError> {
    if read(bmc, deadline).await? == Some(PowerState::Off) {
        return on(task, bmc, deadline).await;
    }
    boot_device::reapply(task, bmc).await?;
    bmc.ask_until(RESET, deadline).await?;
    sleep(bmc.config().reset_settle()).await;
    reach(bmc, ON, deadline.max(Instant::now())).await
}

/// Reaches a power state and returns when the BMC confirms it.
///
/// Looks first, sends the command, looks again until the deadline. The command is sent once more half-way through, if it
/// names the state it leads to; after an answer that was lost, the looks tell what became of it.
async fn reach(bmc: &Bmc, goal: Goal, deadline: Instant) -> Result<(), HardwareError> {
    let begun = Instant::now();
    let half_way = begun + deadline.saturating_duration_since(begun) / 2;
    let mut sent = 0_u32;
    let mut last: Option<IpmiError> = None;
    loop {
        let (seen, unseen) = match read(bmc, deadline).await {
            Ok(seen) => (seen, None),
            Err(error) if error.retryable() => (None, Some(error)),
            Err(error) => return Err(error.into()),
        };
        if seen == Some(goal.state) {
            return Ok(());
        }
        if let Some(refusal @ IpmiError::Refused { .. }) = last {
            return Err(refusal.into());
        }
        let now = Instant::now();
        if now >= deadline {
            return Err(not_reached(goal, seen, unseen.or(last), now - begun));
        }
        let due = sent == 0 || (sent == 1 && goal.command.harmless && now >= half_way);
        if due && unseen.is_none() {
            sent += 1;
            tracing::info!(bmc = bmc.access.lane, command = %goal.command, "power");
            match bmc.ask_until(goal.command, deadline).await {
                Ok(_) => last = None,
                // It may be there already: one more look decides.
                Err(error @ IpmiError::Refused { .. }) => last = Some(error),
                Err(error) if error.may_have_acted() => last = Some(error),
                Err(error) => return Err(error.into()),
            }
            continue;
        }
        sleep(bmc.config().poll().min(deadline.saturating_duration_since(now))).await;
    }
}

fn not_reached(
    goal: Goal,
    seen: Option<PowerState>,
    error: Option<IpmiError>,
    waited: Duration,
) -> HardwareError {
    let word = seen.map_or("unknown", PowerState::as_str);
    let mut evidence = format!("the last power state seen is '{word}'");
    if let Some(error) = error {
        evidence.push_str(&format!("; {}", HardwareError::from(error)));
    }
    HardwareError::new(
        HardwareErrorKind::Timeout,
        code::POWER_STATE_NOT_REACHED,
        format!("the node did not reach '{}' within {} s", goal.state.as_str(), waited.as_secs()),
        goal.advice,
    )
    .said(evidence)
}
