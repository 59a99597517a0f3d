//! From power on to whatever ends up running.

use std::time::Duration;

use super::kernel::{self, AgentParameters};
use super::{life, program};
use crate::clock;
use crate::fault::{FaultKind, Subject};
use crate::fetch::{FetchFailure, Source};
use crate::power::Uptime;
use crate::state::{BootProgress, BootSource, Running};

/// How often the firmware tries to read a boot image.
const READ_ATTEMPTS: u32 = 3;
const READ_PAUSE: Duration = Duration::from_millis(200);

/// Boots from the chosen source and stays with what was booted until the run of the server is over.
pub(crate) async fn boot(uptime: Uptime, source: BootSource) {
    let delay = uptime.fleet.jittered(uptime.index, uptime.fleet.config.boot_delay, 0.8..1.2);
    tokio::time::sleep(delay).await;
    match source {
        BootSource::Nothing { why } => stuck(&uptime, why),
        BootSource::Disk => {
            running(&uptime, Running::Instance, BootProgress::OsRunning);
        }
        BootSource::Iso { url, username, password } => {
            boot_iso(uptime, Source { url, username, password }).await;
        }
    }
}

async fn boot_iso(uptime: Uptime, source: Source) {
    let parameters = match read_parameters(&uptime, &source).await {
        Ok(Some(parameters)) => parameters,
        Ok(None) => return stuck(&uptime, "the boot image has no boot loader configuration with a kernel"),
        Err(failure) => return stuck(&uptime, &format!("the boot image cannot be read: {failure}")),
    };
    let Some(for_agent) = AgentParameters::read(&parameters) else {
        return running(&uptime, Running::LiveImage, BootProgress::OsRunning);
    };
    running(&uptime, Running::Ramdisk, BootProgress::OsBootStarted);
    let subject = Subject { method: "", path: "", names: &[] };
    let mute =
        uptime.fleet.faults.take(Some(uptime.index), &subject, |kind| *kind == FaultKind::AgentNeverBoots);
    match uptime.fleet.config.agent_program.clone() {
        _ if mute.is_some() => {}
        Some(path) => program::run(uptime, &path, &parameters).await,
        None => life::live(uptime, for_agent).await,
    }
}

async fn read_parameters(
    uptime: &Uptime,
    source: &Source,
) -> Result<Option<std::collections::BTreeMap<String, String>>, FetchFailure> {
    let mut attempt = 1;
    loop {
        match kernel::read_parameters(&uptime.fleet.http, source).await {
            Err(failure) if attempt < READ_ATTEMPTS && failure.is_passing() => attempt += 1,
            outcome => return outcome,
        }
        tokio::time::sleep(uptime.fleet.jittered(uptime.index, READ_PAUSE, 0.5..1.5)).await;
    }
}

fn running(uptime: &Uptime, what: Running, progress: BootProgress) {
    tracing::info!(server = uptime.index, ?what, "booted");
    uptime.update(|live| {
        live.state.running = what;
        live.state.progress(progress, &clock::now());
    });
}

fn stuck(uptime: &Uptime, why: &str) {
    tracing::info!(server = uptime.index, why, "boot led nowhere");
    uptime.update(|live| {
        live.state.running = Running::Nothing;
        live.state.boot_failure = Some(why.to_owned());
        live.state.progress(BootProgress::FirmwareComplete, &clock::now());
    });
}
