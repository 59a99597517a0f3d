//! One log of what control plane and hardware saw, in order.

use std::sync::Arc;
use tokio::sync::watch;

#[derive(Debug, Clone)]
pub struct Log(Arc<watch::Sender<Vec<String>>>);

impl Default for Log {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Vec::new())))
    }
}

impl Log {
    pub fn note(&self, line: impl Into<String>) {
        self.0.send_modify(|lines| lines.push(line.into()));
    }

    /// Everything since the last call.
    pub fn take(&self) -> Vec<String> {
        let mut taken = Vec::new();
        self.0.send_modify(|lines| taken = std::mem::take(lines));
        taken
    }

    pub fn count(&self, line: &str) -> usize {
        self.0.borrow().iter().filter(|present| *present == line).count()
    }

    /// Waits until a line is there.
    pub async fn wait_for(&self, line: &str) {
        let mut lines = self.0.subscribe();
        while !lines.borrow_and_update().iter().any(|present| present == line) {
            lines.changed().await.unwrap();
        }
    }
}
