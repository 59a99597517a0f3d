//! A bus within one process. It goes through the same codec as the broker, so that nothing passes here that would not
//! pass there.

use crate::bus::{Settle, Verdict};
use crate::topology::{DEAD_LETTER_LIMIT, DELIVERY_LIMIT, EVENT_LIMIT, QUEUE_LIMIT, Topology};
use crate::{Bus, BusError, Delivery, decode_action, decode_event};
use async_trait::async_trait;
use ferric_proto::v1::EventEnvelope;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};
use tokio_stream::wrappers::BroadcastStream;
use tokio_util::sync::CancellationToken;

/// A bus within one process.
#[derive(Debug)]
pub struct LocalBus {
    topology: Topology,
    queues: Mutex<HashMap<String, Arc<Queue>>>,
    dead_letters: Arc<Queue>,
    events: broadcast::Sender<Arc<[u8]>>,
    closed: CancellationToken,
}

/// A message that waits.
#[derive(Debug)]
struct Message {
    payload: Vec<u8>,
    delivery_count: u32,
}

/// First in, first out; whoever waits longest gets the next message.
#[derive(Debug)]
struct Queue {
    messages: Mutex<VecDeque<Message>>,
    /// One permit per message; its waiters are served in turn.
    ready: Semaphore,
    /// Where messages go that are rejected or came back too often; none for the queue of dead letters itself.
    dead_letters: Option<Arc<Queue>>,
}

/// A message that was delivered and waits for its verdict.
#[derive(Debug)]
struct Unsettled {
    queue: Arc<Queue>,
    message: Option<Message>,
    /// Held until the verdict: this is the prefetch limit.
    _slot: OwnedSemaphorePermit,
}

impl Default for LocalBus {
    fn default() -> Self {
        Self {
            topology: Topology::new("local"),
            queues: Mutex::default(),
            dead_letters: Arc::new(Queue::new(None)),
            events: broadcast::Sender::new(EVENT_LIMIT),
            closed: CancellationToken::new(),
        }
    }
}

impl LocalBus {
    fn queue(&self, conductor_group: &str) -> Arc<Queue> {
        let name = self.topology.action_queue(conductor_group);
        let create = || Arc::new(Queue::new(Some(Arc::clone(&self.dead_letters))));
        Arc::clone(lock(&self.queues).entry(name).or_insert_with(create))
    }

    fn ensure_open(&self) -> Result<(), BusError> {
        if self.closed.is_cancelled() { Err(BusError::Closed) } else { Ok(()) }
    }

    fn consume(&self, queue: Arc<Queue>, prefetch: u16) -> BoxStream<'static, Delivery> {
        let slots = Arc::new(Semaphore::new(usize::from(prefetch.max(1))));
        stream::unfold((queue, slots), |(queue, slots)| async move {
            let slot = Arc::clone(&slots).acquire_owned().await.ok()?;
            let message = queue.pop().await?;
            let envelope = decode_action(&message.payload);
            let count = message.delivery_count;
            let unsettled = Unsettled { queue: Arc::clone(&queue), message: Some(message), _slot: slot };
            Some((Delivery::new(envelope, count, unsettled), (queue, slots)))
        })
        .take_until(self.closed.clone().cancelled_owned())
        .boxed()
    }
}

#[async_trait]
impl Bus for LocalBus {
    async fn publish_action_bytes(&self, conductor_group: &str, payload: &[u8]) -> Result<(), BusError> {
        self.ensure_open()?;
        let message = Message { payload: payload.to_vec(), delivery_count: 0 };
        if self.queue(conductor_group).push(message, QUEUE_LIMIT) {
            Ok(())
        } else {
            Err(BusError::Full { queue: self.topology.action_queue(conductor_group) })
        }
    }

    async fn publish_event_bytes(&self, payload: &[u8]) -> Result<(), BusError> {
        self.ensure_open()?;
        // An error says that nobody listens, which is as good as being heard.
        self.events.send(payload.into()).ok();
        Ok(())
    }

    async fn consume_actions(
        &self,
        conductor_group: &str,
        prefetch: u16,
    ) -> Result<BoxStream<'static, Delivery>, BusError> {
        self.ensure_open()?;
        Ok(self.consume(self.queue(conductor_group), prefetch))
    }

    async fn waiting_actions(&self, conductor_group: &str) -> Result<usize, BusError> {
        self.ensure_open()?;
        Ok(lock(&self.queue(conductor_group).messages).len())
    }

    async fn consume_dead_letters(&self, prefetch: u16) -> Result<BoxStream<'static, Delivery>, BusError> {
        self.ensure_open()?;
        Ok(self.consume(Arc::clone(&self.dead_letters), prefetch))
    }

    async fn subscribe_events(&self) -> Result<BoxStream<'static, EventEnvelope>, BusError> {
        self.ensure_open()?;
        // A listener that lags behind misses hints, as it would with a broker.
        let events = BroadcastStream::new(self.events.subscribe())
            .filter_map(async |payload| payload.ok().and_then(|payload| decode_event(&payload).ok()));
        Ok(events.take_until(self.closed.clone().cancelled_owned()).boxed())
    }

    async fn ping(&self) -> Result<(), BusError> {
        self.ensure_open()
    }

    async fn close(&self) {
        self.closed.cancel();
    }
}

impl Queue {
    fn new(dead_letters: Option<Arc<Queue>>) -> Self {
        Self { messages: Mutex::default(), ready: Semaphore::new(0), dead_letters }
    }

    /// Whether there was room.
    fn push(&self, message: Message, limit: usize) -> bool {
        let mut messages = lock(&self.messages);
        if messages.len() >= limit {
            return false;
        }
        messages.push_back(message);
        self.ready.add_permits(1);
        true
    }

    /// Waits for the next message; dropped while waiting, it takes none.
    async fn pop(&self) -> Option<Message> {
        self.ready.acquire().await.ok()?.forget();
        lock(&self.messages).pop_front()
    }

    /// Brings a message back behind the others, so that it does not block them, however full the queue is.
    fn bring_back(&self, mut message: Message) {
        message.delivery_count += 1;
        if message.delivery_count > DELIVERY_LIMIT {
            self.put_aside(message);
        } else {
            lock(&self.messages).push_back(message);
            self.ready.add_permits(1);
        }
    }

    fn put_aside(&self, message: Message) {
        let Some(dead_letters) = &self.dead_letters else { return };
        let letter = Message { delivery_count: 0, ..message };
        if !dead_letters.push(letter, DEAD_LETTER_LIMIT) {
            tracing::warn!(limit = DEAD_LETTER_LIMIT, "too many dead letters, one is dropped");
        }
    }
}

#[async_trait]
impl Settle for Unsettled {
    async fn settle(mut self: Box<Self>, verdict: Verdict) -> Result<(), BusError> {
        if let Some(message) = self.message.take() {
            match verdict {
                Verdict::Ack => {}
                Verdict::Retry => self.queue.bring_back(message),
                Verdict::Reject => self.queue.put_aside(message),
            }
        }
        Ok(())
    }
}

impl Drop for Unsettled {
    fn drop(&mut self) {
        if let Some(message) = self.message.take() {
            self.queue.bring_back(message);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_takes_no_more_but_what_it_delivered_comes_back() {
        let queue = Queue::new(None);
        let message = || Message { payload: Vec::new(), delivery_count: 0 };
        assert!(queue.push(message(), 1));
        assert!(!queue.push(message(), 1));
        queue.bring_back(message());
        assert_eq!(lock(&queue.messages).len(), 2);
        assert_eq!(queue.ready.available_permits(), 2);
    }
}
