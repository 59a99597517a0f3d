//! Waiting for tasks to end, and watching nodes change, in this process or any other.

mod feed;
mod nodes;
mod tail;

pub(crate) use feed::Feed;
pub use nodes::NodeNews;

use crate::control::Control;
use crate::outbox_pause;
use ferric_bus::v1::event_envelope::Event;
use ferric_bus::v1::{EventEnvelope, NodeChanged, TaskEnded};
use ferric_bus::{BusError, ENVELOPE_VERSION};
use futures::StreamExt;
use futures::stream::BoxStream;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How long to wait after a bus that cannot be listened to.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

/// Shortest time between two hints to other processes.
const BETWEEN_HINTS: Duration = Duration::from_millis(50);

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
    /// Listens to what happens in all processes, and tells it here, until told to stop.
    pub async fn run_watch(&self, stop: CancellationToken) {
        tokio::join!(
            self.run_events(stop.clone()),
            self.run_feed(stop.clone()),
            self.run_hints(stop.clone()),
            self.run_ends(stop)
        );
    }

    /// Listens to the events of all processes until told to stop, however often the bus goes away.
    async fn run_events(&self, stop: CancellationToken) {
        loop {
            match self.bus().subscribe_events().await {
                Ok(events) => self.hear(events, &stop).await,
                Err(BusError::Closed) => return,
                Err(error) => tracing::warn!(%error, "events of other processes are not heard yet"),
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(outbox_pause(AFTER_FAILURE)) => {}
            }
        }
    }

    async fn hear(&self, mut events: BoxStream<'static, EventEnvelope>, stop: &CancellationToken) {
        loop {
            let envelope = tokio::select! {
                () = stop.cancelled() => return,
                envelope = events.next() => envelope,
            };
            match envelope.and_then(|envelope| envelope.event) {
                Some(Event::Task(ended)) => {
                    for text in [ended.task_id].iter().chain(&ended.more_task_ids) {
                        if let Ok(task_id) = text.parse() {
                            self.hub().ring(task_id);
                        }
                    }
                }
                Some(Event::Node(_)) => self.feed().look(),
                None => return,
            }
        }
    }

    /// Tells other processes that nodes were written, until told to stop. They look for themselves what it was, and they
    /// look now and then anyway: so a hint may be lost, and one stands for many.
    async fn run_hints(&self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.feed().written() => {}
            }
            let node = NodeChanged { node_uuid: String::new(), generation: 0 };
            let hint = EventEnvelope { version: ENVELOPE_VERSION, event: Some(Event::Node(node)) };
            if let Err(error) = self.bus().publish_event(&hint).await {
                tracing::debug!(%error, "other processes find out by themselves");
            }
            tokio::time::sleep(BETWEEN_HINTS).await;
        }
    }

    /// Tells other processes that tasks have ended which no request waits for, until told to stop. Whoever waits for its turn at
    /// a node is spared some waiting, and an answer of 409 at the end of it; nothing else hangs on that, so such a hint stands
    /// in no outbox.
    async fn run_ends(&self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.ended_bell().rung() => {}
            }
            let mut ended = self.ended_bell().take(usize::MAX).into_iter().map(|id| id.to_string());
            let Some(task_id) = ended.next() else { continue };
            let ended = TaskEnded { task_id, more_task_ids: ended.collect() };
            let hint = EventEnvelope { version: ENVELOPE_VERSION, event: Some(Event::Task(ended)) };
            if let Err(error) = self.bus().publish_event(&hint).await {
                tracing::debug!(%error, "who waits for a turn elsewhere finds out by itself");
            }
            tokio::time::sleep(BETWEEN_HINTS).await;
        }
    }
}
