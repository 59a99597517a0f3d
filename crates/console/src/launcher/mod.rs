//! The launcher: reads one request from its standard input, gives up everything it does not need, and runs the programs that
//! make the console until its standard input ends.
//!
//! **Invariant**: one thread; it knows no configuration, no network and no path but those below.

mod confine;
mod programs;
mod request;
mod supervise;

pub use request::Request;

use std::io::{BufRead, Read, Write};
use std::process::ExitCode;

/// Longest request.
const LONGEST_REQUEST: u64 = 8 * 1024;

/// What the launcher writes to its standard output once the console listens.
pub const READY: &str = "ready";

/// Runs the launcher in this process, which must have one thread.
pub fn run() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            tell(&format!("refused: {why}"));
            ExitCode::from(2)
        }
    }
}

fn serve() -> Result<(), String> {
    let request = read_request()?;
    let programs = programs::find()?;
    let console = request.check()?;
    confine::confine()?;
    tell(&format!("starts {}", console.audit));
    let ended = supervise::supervise(&programs, &console);
    tell(&format!("ends {}", console.audit));
    ended
}

/// Reads one line; what follows it means only that the conductor lives.
fn read_request() -> Result<Request, String> {
    let mut line = String::new();
    let mut input = std::io::stdin().lock().take(LONGEST_REQUEST);
    input.read_line(&mut line).map_err(|error| format!("no request: {error}"))?;
    // What serde says of a wrong request may quote it, passwords included.
    serde_json::from_str(&line).map_err(|_| "the request is not one that this launcher knows".to_owned())
}

/// A line for auditors, on standard error.
fn tell(what: &str) {
    // Nobody is left to be told that telling failed.
    drop(writeln!(std::io::stderr().lock(), "console {what}"));
}
