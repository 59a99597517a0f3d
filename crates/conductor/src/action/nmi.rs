//! A non-maskable interrupt for the operating system.

use crate::reporter::Ending;
use crate::task::{Halt, RunningTask};
use serde_json::Value;

/// Interrupts the operating system.
pub async fn inject_nmi(task: &mut RunningTask) -> Result<Ending, Halt> {
    let injected = task.interfaces.management.inject_nmi(&task.view).await;
    injected.map_err(|error| task.failed("interrupting the operating system", error))?;
    Ok(Ending::answer(Value::Null))
}
