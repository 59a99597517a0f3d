//! Crashes of the servers themselves. They serve every test at once, so only a run that has them to itself may do this:
//! `cargo xtask chaos` names its own program, which knows how they were started.

use anyhow::{Context, ensure};
use tokio::process::Command;

/// The variable that names the program.
const XTASK: &str = "FERRIC_XTASK";

/// A server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// The database.
    Postgres,
    /// The broker.
    Rabbitmq,
}

/// Whether this run may do so.
pub fn can_restart() -> bool {
    std::env::var_os(XTASK).is_some()
}

/// Lets a server crash and come back with what it had stored; returns when it serves again.
pub async fn restart(service: Service) -> anyhow::Result<()> {
    let xtask = std::env::var_os(XTASK).with_context(|| format!("{XTASK} is not set"))?;
    let name = match service {
        Service::Postgres => "postgres",
        Service::Rabbitmq => "rabbitmq",
    };
    let ended = Command::new(xtask).args(["services", "restart", name]).output().await?;
    let said = String::from_utf8_lossy(&ended.stderr);
    ensure!(ended.status.success(), "{name} did not come back: {}", said.trim());
    Ok(())
}
