//! Restarting a node that must never be powered off.
//!
//! A restart is never sent twice: it does not name a state, so no look can tell that a second one is harmless.

use super::power::{SendError, send_reset};
use crate::client::{Access, Pace, RedfishError};
use crate::resource::System;
use ferric_hardware::{HardwareError, HardwareErrorKind};
use ferric_model::failure::code;
use ferric_model::power::PowerState;
use redfish::ResetType;
use tokio::time::{Instant, sleep};

/// Restarts once and returns when the system is on again.
///
/// It has restarted when `LastResetTime` moved, or the system was seen to leave its state. Firmware that shows neither is
/// believed after a while if it accepted the Reset; if even that is not known, the outcome is unknown.
pub(super) async fn restart(
    access: &Access,
    before: &System,
    kind: ResetType,
    deadline: Instant,
) -> Result<(), HardwareError> {
    let started = Instant::now();
    let config = access.bmc.config();
    let doubt = match send_reset(access, before, &[kind]).await {
        Ok(accepted) => {
            let left = deadline.saturating_duration_since(Instant::now());
            match access.bmc.settle(&accepted, left, &[]).await {
                Err(error) if error.may_have_acted() => Some(error),
                result => result.map(|()| None)?,
            }
        }
        Err(SendError::Missing(error)) => return Err(error),
        Err(SendError::Redfish(error)) if error.may_have_acted() => Some(error),
        Err(SendError::Redfish(error)) => return Err(error.into()),
    };
    let settled_at = Instant::now() + config.restart_settle();
    let mut pace = Pace::of_looks(config);
    let mut seen = false;
    let mut last = before.power();
    loop {
        match access.system_once().await {
            Ok(system) => {
                last = system.power();
                seen |= last.settled() != Some(PowerState::On)
                    || system.last_reset_time() != before.last_reset_time();
                let is_on = last.settled() == Some(PowerState::On);
                let now = Instant::now();
                match &doubt {
                    _ if seen && is_on => return Ok(()),
                    None if is_on && now >= settled_at => return Ok(()),
                    Some(error) if is_on && now >= settled_at.min(deadline) => {
                        return Err(unknown(kind, error));
                    }
                    _ => {}
                }
            }
            Err(error) if error.retryable() => {}
            Err(error) => return Err(error.into()),
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(HardwareError::new(
                HardwareErrorKind::Timeout,
                code::POWER_STATE_NOT_REACHED,
                format!(
                    "the node was not seen to be on again within {} s of {kind:?}",
                    started.elapsed().as_secs()
                ),
                "look at the node's console and into the BMC's log",
            )
            .said(format!("the last power state seen is {}", last.word())));
        }
        sleep(pace.next_pause().min(left)).await;
    }
}

fn unknown(kind: ResetType, error: &RedfishError) -> HardwareError {
    let failure = HardwareError::new(
        HardwareErrorKind::Unknown,
        code::REDFISH_OUTCOME_UNKNOWN,
        format!("nobody can tell whether {kind:?} was carried out"),
        "look at the node's console; if it did not restart, ask for the restart again",
    )
    .said(error.to_string());
    error.told_in(failure)
}
