//! Console: start it, stop it, find out how to reach it.

use crate::reporter::Ending;
use crate::task::{Halt, RunningTask};

/// How the console is reached; the caller waits for the answer.
pub async fn get_console(task: &mut RunningTask) -> Result<Ending, Halt> {
    let read = task.interfaces.console.get_console(&task.view).await;
    let console = read.map_err(|error| task.failed("reading how the console is reached", error))?;
    Ok(Ending::answer(console.into()))
}

/// Starts the console.
pub async fn start_console(task: &mut RunningTask) -> Result<Ending, Halt> {
    let started = task.interfaces.console.start_console(&task.view).await;
    let mut seen = started.map_err(|error| task.failed("starting the console", error))?;
    seen.console_enabled = Some(true);
    Ok(Ending::succeeded(None, seen))
}

/// Stops the console.
pub async fn stop_console(task: &mut RunningTask) -> Result<Ending, Halt> {
    let stopped = task.interfaces.console.stop_console(&task.view).await;
    let mut seen = stopped.map_err(|error| task.failed("stopping the console", error))?;
    seen.console_enabled = Some(false);
    Ok(Ending::succeeded(None, seen))
}
