//! Running the programs: one connection after the other, until the conductor has no use for the console any more.

use super::programs::Programs;
use super::request::Console;
use super::{READY, tell};
use crate::port::is_listening;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use std::io::{Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long `socat` may take to listen.
const LISTEN_TIMEOUT: Duration = Duration::from_secs(5);

/// Between two looks whether it listens.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A run that is shorter than this did not serve anybody.
const SHORT_RUN: Duration = Duration::from_secs(1);

/// Longest pause before the next run.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How long a BMC may take to give a session up.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(10);

/// Serves the console until standard input ends.
///
/// **Errors**: what keeps the console from listening in the first place.
pub(super) fn supervise(programs: &Programs, console: &Console) -> Result<(), String> {
    let mut ready = false;
    let mut pause = LOOK_AGAIN;
    loop {
        // A session that somebody left open would refuse ours.
        release(programs, console);
        let begun = Instant::now();
        let mut child = serve_one(programs, console)?;
        if !ready {
            await_listening(&mut child, console.port)?;
            drop(writeln!(std::io::stdout().lock(), "{READY}"));
            ready = true;
        }
        let asked_to_end = await_end(Some(&child), None);
        stop(&mut child);
        if asked_to_end {
            release(programs, console);
            return Ok(());
        }
        pause = if begun.elapsed() < SHORT_RUN { (pause * 2).min(LONGEST_PAUSE) } else { LOOK_AGAIN };
        if await_end(None, Some(pause)) {
            return Ok(());
        }
    }
}

/// Lets `socat` wait for one connection, which it gives a terminal with the console in it.
fn serve_one(programs: &Programs, console: &Console) -> Result<Child, String> {
    // Every word was checked: none has a character that means something to `socat`.
    let session = [
        &[programs.ipmitool.display().to_string()],
        &console.ipmitool[..],
        &["sol".to_owned(), "activate".to_owned()],
    ]
    .concat()
    .join(" ");
    let mut command = Command::new(&programs.setpriv);
    command
        .args(["--pdeathsig", "KILL", "--"])
        .arg(&programs.socat)
        .args(&console.socat)
        .arg(&console.listen)
        .arg(format!("EXEC:\"{session}\",pty,setsid,ctty,raw,echo=0"));
    command.env_clear().envs(console.environment.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map_err(|error| format!("socat does not start: {error}"))
}

/// Tells the BMC to end whatever console session there is; whether it does is not our business.
fn release(programs: &Programs, console: &Console) {
    let mut command = Command::new(&programs.ipmitool);
    command.args(&console.ipmitool).args(["sol", "deactivate"]);
    command.env_clear().envs(console.environment.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match command.spawn() {
        Ok(mut child) => {
            await_child(&child, RELEASE_TIMEOUT);
            stop(&mut child);
        }
        Err(error) => tell(&format!("ipmitool does not start: {error}")),
    }
}

fn await_listening(child: &mut Child, port: u16) -> Result<(), String> {
    let deadline = Instant::now() + LISTEN_TIMEOUT;
    while !is_listening(port) {
        let ended = !matches!(child.try_wait(), Ok(None));
        if ended || Instant::now() >= deadline {
            stop(child);
            return Err(format!("socat does not listen on port {port}"));
        }
        std::thread::sleep(LOOK_AGAIN);
    }
    Ok(())
}

/// Kills what still runs, and lets it go.
fn stop(child: &mut Child) {
    drop(child.kill());
    drop(child.wait());
}

/// Waits for the end of the child, at most `within`.
fn await_child(child: &Child, within: Duration) {
    let Some(descriptor) = descriptor(child) else { return };
    let mut watched = [PollFd::new(&descriptor, PollFlags::IN)];
    // Whatever it says: the child is stopped next.
    poll(&mut watched, Some(&timespec(within))).ok();
}

/// Waits until standard input ends, the child ends, or time is up; gives whether it was the first.
fn await_end(child: Option<&Child>, within: Option<Duration>) -> bool {
    let deadline = within.map(|within| Instant::now() + within);
    let input = std::io::stdin();
    let descriptor = child.and_then(descriptor);
    loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let mut watched = vec![PollFd::from_borrowed_fd(input.as_fd(), PollFlags::IN)];
        let ends = descriptor.as_ref().map(|fd| fd.as_fd());
        watched.extend(ends.map(|fd: BorrowedFd<'_>| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
        if poll(&mut watched, left.map(timespec).as_ref()).is_err() {
            continue;
        }
        if !watched[0].revents().is_empty() {
            // Bytes mean nothing, their end means everything.
            match input.lock().read(&mut [0; 64]) {
                Ok(0) | Err(_) => return true,
                Ok(_) => continue,
            }
        }
        let child_ended = watched.get(1).is_some_and(|watched| !watched.revents().is_empty());
        if child_ended || left.is_some_and(|left| left.is_zero()) {
            return false;
        }
    }
}

fn descriptor(child: &Child) -> Option<std::os::fd::OwnedFd> {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw)?;
    pidfd_open(pid, PidfdFlags::empty()).ok()
}

fn timespec(duration: Duration) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(duration.subsec_nanos()),
    }
}
