//! From power on to whatever ends up running.

use std::collections::BTreeMap;
use std::time::Duration;

use super::kernel::{self, AgentParameters};
use super::loader::Order;
use super::{installer, life, network, program, uki};
use crate::clock;
use crate::fault::{FaultKind, Subject};
use crate::fetch::{self, FetchFailure, Source};
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
        BootSource::Url { url } => boot_url(uptime, Source::plain(&url)).await,
        BootSource::Network { http } => boot_network(uptime, http).await,
    }
}

async fn boot_iso(uptime: Uptime, source: Source) {
    match read_parameters(&uptime, &source).await {
        Ok(Some(parameters)) => boot_kernel(uptime, parameters).await,
        Ok(None) => stuck(&uptime, "the boot image has no boot loader configuration with a kernel"),
        Err(failure) => stuck(&uptime, &format!("the boot image cannot be read: {failure}")),
    }
}

/// As UEFI does: asks how long it is, fetches all of it into memory, and starts it from there.
async fn boot_url(uptime: Uptime, source: Source) {
    let fetched = async {
        fetch::probe(&uptime.fleet.http, &source).await?;
        fetch::read_whole(&uptime.fleet.http, &source).await
    };
    match fetched.await {
        Ok(program) if program.starts_with(b"MZ") => match uki::kernel_line(&program) {
            Some(line) => boot_kernel(uptime, kernel::parse(&words(&line))).await,
            None => stuck(&uptime, "the program has no kernel in it"),
        },
        Ok(_) => boot_iso(uptime, source).await,
        Err(failure) => stuck(&uptime, &format!("the URL cannot be booted: {failure}")),
    }
}

/// What the network offers, else what the disk holds.
async fn boot_network(uptime: Uptime, http: bool) {
    let order = match network::find(&uptime, http).await {
        Ok(order) => order,
        Err(failure) => {
            let has_disk = uptime.fleet.read(uptime.index, |live| live.state.disk.is_some());
            return match has_disk {
                true => running(&uptime, Running::Instance, BootProgress::OsRunning),
                false => stuck(&uptime, &format!("{failure}, and the disk is empty")),
            };
        }
    };
    match order {
        Order::Image { url } => boot_iso(uptime, Source::plain(&url)).await,
        Order::Kernel { kernel, ramdisk, words } => {
            for url in [kernel, ramdisk] {
                if let Err(failure) = fetch::read_whole(&uptime.fleet.http, &Source::plain(&url)).await {
                    return stuck(
                        &uptime,
                        &format!("the boot loader cannot fetch what it was told: {failure}"),
                    );
                }
            }
            boot_kernel(uptime, kernel::parse(&words)).await;
        }
    }
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

async fn boot_kernel(uptime: Uptime, parameters: BTreeMap<String, String>) {
    if let Some(told) = installer::Told::read(&parameters) {
        running(&uptime, Running::Installer, BootProgress::OsBootStarted);
        return installer::install(uptime, told).await;
    }
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
) -> Result<Option<BTreeMap<String, String>>, FetchFailure> {
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
