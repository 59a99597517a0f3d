//! Publishing with confirms, retried within a deadline.

use super::declare::{count_waiting, declare_action_queue, declare_base};
use super::link::{Link, Live};
use crate::BusError;
use crate::topology::QUEUE_LIMIT;
use lapin::options::BasicPublishOptions;
use lapin::{BasicProperties, Confirmation};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How long a publication may take, every attempt included.
const DEADLINE: Duration = Duration::from_secs(10);

/// A queue that has become full refuses until it is well below its limit.
const REFUSING_FROM: usize = QUEUE_LIMIT / 2;

/// Delivery mode 2: survives a restart of the broker.
const PERSISTENT: u8 = 2;

/// A message on its way to the broker.
#[derive(Debug)]
pub struct Publication<'a> {
    /// The connection it takes.
    pub link: &'a Link,
    /// Where it goes.
    pub target: Target,
    /// The encoded envelope.
    pub payload: &'a [u8],
}

/// Where a message goes.
#[derive(Debug)]
pub enum Target {
    /// To this queue, which is declared first if need be.
    Queue(String),
    /// To everybody who listens to this exchange; nobody is fine too.
    Exchange(String),
}

/// What the broker did with a message.
enum Answer {
    Stored,
    Unroutable,
    NotTaken,
}

impl Publication<'_> {
    /// Tries until it works, the failure is final or the deadline passes; then the last failure says why.
    pub async fn publish(&self) -> Result<(), BusError> {
        let mut last = BusError::Timeout { deadline_ms: DEADLINE.as_millis() as u64 };
        let attempts = async {
            for number in 1.. {
                match self.attempt().await {
                    Err(error) if error.retryable() => {
                        tracing::debug!(%error, attempt = number, "publishing again");
                        last = error;
                    }
                    result => return result,
                }
                self.link.pause(number).await?;
            }
            Ok(())
        };
        match timeout(DEADLINE, attempts).await {
            Ok(result) => result,
            Err(_) => Err(last),
        }
    }

    async fn attempt(&self) -> Result<(), BusError> {
        let live = self.link.live().await?;
        match &self.target {
            Target::Exchange(exchange) => match self.send(&live, exchange, "").await? {
                Answer::Stored | Answer::Unroutable => Ok(()),
                Answer::NotTaken => Err(BusError::Full { queue: exchange.clone() }),
            },
            Target::Queue(queue) => {
                self.ensure_declared(&live, queue).await?;
                match self.send(&live, "", queue).await? {
                    Answer::Stored => {
                        self.link.unserved().forget(queue);
                        Ok(())
                    }
                    Answer::NotTaken => Err(self.refusal(&live, queue).await?),
                    Answer::Unroutable => {
                        live.set_declared(queue, false);
                        Err(self.link.unreachable(format!("the queue '{queue}' has vanished")))
                    }
                }
            }
        }
    }

    /// Why the queue took nothing.
    async fn refusal(&self, live: &Live, queue: &str) -> Result<BusError, BusError> {
        let channel = self.link.call(live.channel()).await?;
        let queue = queue.to_owned();
        if self.link.call(count_waiting(&channel, &queue)).await? >= REFUSING_FROM {
            return Ok(BusError::Full { queue });
        }
        self.link.note_unserved(&queue).await;
        Ok(BusError::Unserved { queue })
    }

    /// On a channel of its own: a refusal would close the one that everybody publishes over.
    async fn ensure_declared(&self, live: &Live, queue: &str) -> Result<(), BusError> {
        if !live.is_declared(queue) {
            let (channel, topology) = (self.link.call(live.channel()).await?, self.link.topology());
            // With what its dead letters need: the broker may have been made anew.
            self.link.call(declare_base(&channel, topology)).await?;
            self.link.call(declare_action_queue(&channel, topology, queue)).await?;
            live.set_declared(queue, true);
        }
        Ok(())
    }

    async fn send(&self, live: &Arc<Live>, exchange: &str, key: &str) -> Result<Answer, BusError> {
        let options =
            BasicPublishOptions { mandatory: exchange.is_empty(), ..BasicPublishOptions::default() };
        let properties = BasicProperties::default()
            .with_delivery_mode(PERSISTENT)
            .with_content_type("application/protobuf".into());
        let publish =
            live.publisher.basic_publish(exchange.into(), key.into(), options, self.payload, properties);
        let confirmed = self.link.call(async { publish.await?.await }).await;
        if confirmed.is_err() {
            // A queue whose process ended answers nothing to connections that it knew, and refuses over a new one.
            self.link.leave(live).await;
        }
        // Only a confirmation without a returned message says that it is stored.
        Ok(match confirmed? {
            Confirmation::Ack(None) => Answer::Stored,
            Confirmation::Ack(Some(_)) => Answer::Unroutable,
            Confirmation::Nack(_) | Confirmation::NotRequested => Answer::NotTaken,
        })
    }
}
