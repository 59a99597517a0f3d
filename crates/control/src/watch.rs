//! Waiting for tasks to end, in this process or any other.

use crate::control::Control;
use crate::error::ControlError;
use ferric_bus::v1::event_envelope::Event;
use futures::StreamExt;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Those who wait for tasks to end.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    waiters: Mutex<HashMap<Uuid, Vec<Arc<Notify>>>>,
}

/// A place in the hub, given back when dropped.
#[derive(Debug)]
pub(crate) struct Waiter<'a> {
    hub: &'a Hub,
    task_id: Uuid,
    bell: Arc<Notify>,
}

impl Hub {
    /// Takes a place beside others. Whoever takes it before the task is committed cannot miss its end.
    pub(crate) fn wait_for(&self, task_id: Uuid) -> Waiter<'_> {
        let bell = Arc::new(Notify::new());
        self.lock().entry(task_id).or_default().push(Arc::clone(&bell));
        Waiter { hub: self, task_id, bell }
    }

    /// Rings for those who wait for the task.
    pub(crate) fn ring(&self, task_id: Uuid) {
        for bell in self.lock().get(&task_id).into_iter().flatten() {
            bell.notify_one();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Uuid, Vec<Arc<Notify>>>> {
        self.waiters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiter<'_> {
    /// Waits until the bell rings.
    pub(crate) async fn rung(&self) {
        self.bell.notified().await;
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        let mut waiters = self.hub.lock();
        if let Entry::Occupied(mut others) = waiters.entry(self.task_id) {
            others.get_mut().retain(|bell| !Arc::ptr_eq(bell, &self.bell));
            if others.get().is_empty() {
                others.remove();
            }
        }
    }
}

impl Control {
    /// Listens to the events of all processes until told to stop.
    pub async fn run_watch(&self, stop: CancellationToken) -> Result<(), ControlError> {
        let mut events = self.bus().subscribe_events().await?;
        loop {
            let envelope = tokio::select! {
                () = stop.cancelled() => return Ok(()),
                envelope = events.next() => envelope,
            };
            match envelope.and_then(|envelope| envelope.event) {
                Some(Event::Task(ended)) => {
                    if let Ok(task_id) = ended.task_id.parse() {
                        self.hub().ring(task_id);
                    }
                }
                Some(Event::Node(_)) => {}
                None => return Ok(()),
            }
        }
    }
}
