//! Whether this process can serve.

use crate::control::Control;
use std::time::Duration;

/// What stands in the way of serving; empty when nothing does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Readiness {
    /// One line each, without secrets.
    pub problems: Vec<String>,
}

impl Readiness {
    /// Whether requests may come.
    pub fn is_ready(&self) -> bool {
        self.problems.is_empty()
    }
}

/// How long a request may wait for a connection to the database before this process has too much to do: well below the patience
/// of clients, and above what a single connection (SQLite) makes of a burst.
const BEARABLE: Duration = Duration::from_secs(5);

impl Control {
    /// Whether requests wait too long for the database: more of them would only make it worse.
    pub fn is_overloaded(&self) -> bool {
        self.store().is_overloaded(BEARABLE)
    }

    /// Asks database and bus, and whether the schema is the one this build needs.
    ///
    /// A process with too much to do is not ready, and asks nothing of the database to say so.
    pub async fn readiness(&self) -> Readiness {
        if self.is_overloaded() {
            let problem = "requests wait too long for a connection to the database";
            return Readiness { problems: vec![problem.to_owned()] };
        }
        let mut problems = Vec::new();
        match self.store().pending_migrations().await {
            Ok(pending) if pending.is_empty() => {}
            Ok(pending) => problems.push(format!("migrations are pending: {}", pending.join(", "))),
            Err(error) => problems.push(format!("database: {error}")),
        }
        if let Err(error) = self.bus().ping().await {
            problems.push(format!("bus: {error}"));
        }
        Readiness { problems }
    }
}
