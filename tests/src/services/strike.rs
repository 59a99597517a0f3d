//! What happens to the servers themselves. They serve every test at once, so only a run that has them to itself may do this:
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

/// How quick the disk of a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// As it is; only whether it could be slow is asked.
    Try,
    /// A few writes a second.
    Slow,
    /// As quick as it can be.
    Normal,
}

impl Service {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Rabbitmq => "rabbitmq",
        }
    }
}

impl Pace {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Try => "try",
            Self::Slow => "slow",
            Self::Normal => "normal",
        }
    }
}

/// Whether this run may do so.
pub fn can_strike() -> bool {
    std::env::var_os(XTASK).is_some()
}

/// Lets a server crash and come back with what it had stored; returns when it serves again.
pub async fn restart(service: Service) -> anyhow::Result<()> {
    order(&["restart", service.as_str()]).await
}

/// Makes the disk under a server slow, or quick again.
///
/// **Errors**: where that cannot be, why.
pub async fn set_disk(service: Service, pace: Pace) -> anyhow::Result<()> {
    order(&["disk", service.as_str(), pace.as_str()]).await
}

async fn order(words: &[&str]) -> anyhow::Result<()> {
    let xtask = std::env::var_os(XTASK).with_context(|| format!("{XTASK} is not set"))?;
    let ended = Command::new(xtask).arg("services").args(words).output().await?;
    let said = String::from_utf8_lossy(&ended.stderr);
    ensure!(ended.status.success(), "services {}: {}", words.join(" "), said.trim());
    Ok(())
}
