//! Redfish tasks: actions that were answered before they were done.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Older finished tasks are forgotten beyond this many.
const TASK_LIMIT: usize = 512;

/// All tasks of the service.
#[derive(Debug, Default)]
pub(crate) struct Tasks {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    next: u64,
    tasks: BTreeMap<u64, Task>,
}

#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub name: String,
    pub started_at: String,
    /// What it says of itself while it runs.
    pub state: &'static str,
    /// The request that it came from, where the service tells.
    pub payload: Option<Payload>,
    /// When and how it ended; `None` while running.
    pub ended: Option<Ended>,
}

/// The request that a task came from (DSP0268, Task, Payload).
#[derive(Clone, Debug)]
pub(crate) struct Payload {
    pub method: &'static str,
    pub target: String,
    pub body: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Ended {
    pub at: String,
    /// What went wrong, if something did.
    pub failure: Option<String>,
}

impl Tasks {
    pub(crate) fn start(&self, name: String, started_at: String) -> u64 {
        self.begin(Task { name, started_at, state: "Running", payload: None, ended: None })
    }

    pub(crate) fn begin(&self, task: Task) -> u64 {
        let mut known = self.lock();
        known.next += 1;
        let id = known.next;
        known.tasks.insert(id, task);
        if known.tasks.len() > TASK_LIMIT {
            let oldest = known.tasks.iter().find(|(_, task)| task.ended.is_some()).map(|(id, _)| *id);
            oldest.and_then(|id| known.tasks.remove(&id));
        }
        id
    }

    /// Changes what a task that runs says of itself.
    pub(crate) fn set_state(&self, id: u64, state: &'static str) {
        if let Some(task) = self.lock().tasks.get_mut(&id) {
            task.state = state;
        }
    }

    pub(crate) fn finish(&self, id: u64, at: String, failure: Option<String>) {
        if let Some(task) = self.lock().tasks.get_mut(&id) {
            task.ended = Some(Ended { at, failure });
        }
    }

    pub(crate) fn find(&self, id: u64) -> Option<Task> {
        self.lock().tasks.get(&id).cloned()
    }

    pub(crate) fn ids(&self) -> Vec<u64> {
        self.lock().tasks.keys().copied().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
