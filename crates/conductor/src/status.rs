//! How a conductor is, for probes.

use ferric_bus::Bus;
use serde::Serialize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::Instant;

/// Tells how a running conductor is; cheap to clone.
#[derive(Debug, Clone)]
pub struct ConductorStatus {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    bus: Arc<dyn Bus>,
    /// The control plane knows the conductor at least until then.
    joined_until: Mutex<Option<Instant>>,
    running_tasks: AtomicUsize,
}

/// How a conductor is at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConductorHealth {
    /// Whether the control plane knows the conductor.
    pub joined: bool,
    /// Whether the bus works; else why not.
    pub bus: Result<(), String>,
    /// How many tasks run.
    pub running_tasks: usize,
}

/// Counts a task as running until it is dropped.
#[derive(Debug)]
pub struct RunningCount(Arc<Shared>);

impl ConductorStatus {
    pub(crate) fn new(bus: Arc<dyn Bus>) -> Self {
        let shared = Shared { bus, joined_until: Mutex::default(), running_tasks: AtomicUsize::new(0) };
        Self { shared: Arc::new(shared) }
    }

    /// Whether the control plane knows the conductor.
    pub fn is_joined(&self) -> bool {
        let until = *self.shared.joined_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    /// How many tasks run.
    pub fn running_tasks(&self) -> usize {
        self.shared.running_tasks.load(Ordering::Relaxed)
    }

    /// Looks at everything, for `/readyz`.
    pub async fn health(&self) -> ConductorHealth {
        ConductorHealth {
            joined: self.is_joined(),
            bus: self.shared.bus.ping().await.map_err(|error| error.to_string()),
            running_tasks: self.running_tasks(),
        }
    }

    pub(crate) fn set_joined(&self, until: Option<Instant>) {
        *self.shared.joined_until.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }

    pub(crate) fn count_task(&self) -> RunningCount {
        self.shared.running_tasks.fetch_add(1, Ordering::Relaxed);
        RunningCount(Arc::clone(&self.shared))
    }
}

impl ConductorHealth {
    /// Whether work can be given to the conductor.
    pub fn is_ready(&self) -> bool {
        self.joined && self.bus.is_ok()
    }
}

impl Drop for RunningCount {
    fn drop(&mut self) {
        self.0.running_tasks.fetch_sub(1, Ordering::Relaxed);
    }
}
