//! Whether this process can serve.

use crate::control::Control;

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

impl Control {
    /// Asks database and bus, and whether the schema is the one this build needs.
    pub async fn readiness(&self) -> Readiness {
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
