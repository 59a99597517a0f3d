//! Consuming: streams that outlive connections.

use super::declare::{declare_action_queue, declare_base, declare_event_queue};
use super::link::Link;
use crate::backoff::apart;
use crate::bus::{Settle, Verdict};
use crate::topology::Topology;
use crate::{BusError, Delivery, decode_action, decode_event};
use async_trait::async_trait;
use ferric_proto::v1::EventEnvelope;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicNackOptions, BasicQosOptions, BasicRejectOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Acker, Channel, Consumer};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// What is consumed.
#[derive(Debug, Clone)]
pub enum Source {
    /// The queue of a conductor group.
    Actions(String),
    /// What was put aside.
    DeadLetters,
    /// A queue of one's own that hears every event.
    Events,
}

impl Source {
    /// Whether the broker takes a message for settled as soon as it is sent: a verdict would be an error that closes the
    /// channel.
    fn settles_itself(&self) -> bool {
        matches!(self, Self::Events)
    }

    /// The queue, if it outlives its consumers.
    fn lasting_queue(&self, topology: &Topology) -> Option<String> {
        match self {
            Self::Actions(group) => Some(topology.action_queue(group)),
            Self::DeadLetters => Some(topology.dead_letters()),
            Self::Events => None,
        }
    }
}

/// A consumer over the present connection.
struct Subscription {
    channel: Channel,
    consumer: Consumer,
    /// Deliveries that were dropped without a verdict.
    dropped: mpsc::UnboundedReceiver<Acker>,
    dropping: mpsc::UnboundedSender<Acker>,
}

/// Why a subscription gives nothing more.
enum End {
    /// The broker ended it, or the connection is gone.
    Lost,
    /// Nothing came for so long that nobody knows whether anything would.
    Silent,
}

/// What the stream needs from one item to the next.
struct Consuming {
    link: Arc<Link>,
    source: Source,
    prefetch: u16,
    /// Silence after which the subscription is made anew, if at all: consumers of a queue whose process ended, or that was
    /// made anew after that, are told nothing.
    renewal: Option<Duration>,
    subscription: Option<Subscription>,
}

/// A delivery that waits for its verdict. It keeps its channel open: a closed channel could not carry the verdict.
#[derive(Debug)]
struct Unsettled {
    link: Arc<Link>,
    acker: Option<Acker>,
    dropping: mpsc::UnboundedSender<Acker>,
    _channel: Channel,
}

/// Takes actions from a queue.
pub async fn consume(
    link: &Arc<Link>,
    source: Source,
    prefetch: u16,
    renewal: Duration,
) -> Result<BoxStream<'static, Delivery>, BusError> {
    let consuming = Consuming::start(link, source, prefetch.max(1), Some(renewal)).await?;
    Ok(consuming.into_stream().map(|(message, unsettled)| into_delivery(message, unsettled)).boxed())
}

/// Listens to events.
pub async fn subscribe(link: &Arc<Link>) -> Result<BoxStream<'static, EventEnvelope>, BusError> {
    let consuming = Consuming::start(link, Source::Events, 0, None).await?;
    Ok(consuming.into_stream().filter_map(async |(message, _)| decode_event(&message.data).ok()).boxed())
}

impl Consuming {
    /// Subscribes for the first time, so that a refusal reaches the caller.
    async fn start(
        link: &Arc<Link>,
        source: Source,
        prefetch: u16,
        renewal: Option<Duration>,
    ) -> Result<Self, BusError> {
        let subscription = Some(Subscription::open(link, &source, prefetch).await?);
        Ok(Self { link: Arc::clone(link), source, prefetch, renewal, subscription })
    }

    fn into_stream(self) -> impl futures::Stream<Item = (lapin::message::Delivery, Unsettled)> + Send {
        let closed = self.link.closed();
        stream::unfold(self, |mut consuming| async move {
            let item = consuming.next().await?;
            Some((item, consuming))
        })
        .take_until(closed.cancelled_owned())
    }

    /// The next message, however often the connection is lost on the way; none when the bus is closed.
    async fn next(&mut self) -> Option<(lapin::message::Delivery, Unsettled)> {
        loop {
            let subscription = match &mut self.subscription {
                Some(subscription) => subscription,
                None => self.subscription.insert(self.subscribe_again().await?),
            };
            match subscription.next(self.renewal).await {
                Ok(message) => {
                    let unsettled = Unsettled {
                        link: Arc::clone(&self.link),
                        acker: (!self.source.settles_itself()).then(|| message.acker.clone()),
                        dropping: subscription.dropping.clone(),
                        _channel: subscription.channel.clone(),
                    };
                    return Some((message, unsettled));
                }
                Err(End::Lost) => {
                    tracing::warn!(source = ?self.source, "the subscription was lost, subscribing again");
                    self.subscription = None;
                }
                // The old one is kept until the new one is there.
                Err(End::Silent) => self.subscription = self.subscribe().await.ok(),
            }
        }
    }

    /// Subscribes after what was lost, however long it takes; none when the bus is closed.
    async fn subscribe_again(&self) -> Option<Subscription> {
        for attempt in 1.. {
            self.link.pause(attempt).await.ok()?;
            match self.subscribe().await {
                Ok(subscription) => return Some(subscription),
                Err(error) => tracing::warn!(%error, attempt, source = ?self.source, "cannot subscribe yet"),
            }
        }
        None
    }

    async fn subscribe(&self) -> Result<Subscription, BusError> {
        Subscription::open(&self.link, &self.source, self.prefetch).await
    }
}

impl Subscription {
    async fn open(link: &Link, source: &Source, prefetch: u16) -> Result<Self, BusError> {
        let live = link.live().await?;
        let channel = link.call(live.channel()).await?;
        let topology = link.topology();
        let lasting = source.lasting_queue(topology);
        let subscribe = async {
            // The broker may have been made anew behind a connection that still stands.
            declare_base(&channel, topology).await?;
            if let (Source::Actions(_), Some(queue)) = (source, &lasting) {
                declare_action_queue(&channel, topology, queue).await?;
            }
            let queue = match &lasting {
                Some(queue) => queue.clone().into(),
                None => declare_event_queue(&channel, topology).await?,
            };
            let no_ack = source.settles_itself();
            channel.basic_qos(prefetch, BasicQosOptions::default()).await?;
            let options = BasicConsumeOptions { no_ack, ..BasicConsumeOptions::default() };
            channel.basic_consume(queue, "".into(), options, FieldTable::default()).await
        };
        let subscribed = link.call(subscribe).await;
        if let Some(queue) = &lasting {
            match &subscribed {
                Ok(_) => link.unserved().forget(queue),
                Err(BusError::Broken { .. }) => link.note_unserved(queue).await,
                Err(_) => {}
            }
        }
        let consumer = subscribed?;
        let (dropping, dropped) = mpsc::unbounded_channel();
        Ok(Self { channel, consumer, dropped, dropping })
    }

    /// The next message.
    async fn next(&mut self, renewal: Option<Duration>) -> Result<lapin::message::Delivery, End> {
        let silence = silence(renewal);
        tokio::pin!(silence);
        loop {
            tokio::select! {
                message = self.consumer.next() => return message.and_then(Result::ok).ok_or(End::Lost),
                Some(acker) = self.dropped.recv() => {
                    let options = BasicNackOptions { requeue: true, ..BasicNackOptions::default() };
                    acker.nack(options).await.map_err(|_| End::Lost)?;
                }
                () = &mut silence => return Err(End::Silent),
            }
        }
    }
}

#[async_trait]
impl Settle for Unsettled {
    async fn settle(mut self: Box<Self>, verdict: Verdict) -> Result<(), BusError> {
        let Some(acker) = self.acker.take() else { return Ok(()) };
        // From RabbitMQ 4.3 on, only `basic.reject` counts against the delivery limit; before, both do.
        let reject = |requeue| acker.reject(BasicRejectOptions { requeue });
        let sent = self
            .link
            .call(async {
                match verdict {
                    Verdict::Ack => acker.ack(BasicAckOptions::default()).await,
                    Verdict::Retry => reject(true).await,
                    Verdict::Reject => reject(false).await,
                }
            })
            .await?;
        if sent {
            Ok(())
        } else {
            Err(self.link.unreachable("the connection was lost before the verdict".to_owned()))
        }
    }
}

impl Drop for Unsettled {
    fn drop(&mut self) {
        if let Some(acker) = self.acker.take() {
            // An error says that the stream is gone; its channel closes with the last delivery and all comes back.
            self.dropping.send(acker).ok();
        }
    }
}

/// Lets half to all of this time pass; for ever without one.
async fn silence(at_most: Option<Duration>) {
    match at_most {
        Some(at_most) => tokio::time::sleep(apart(at_most)).await,
        None => std::future::pending().await,
    }
}

fn into_delivery(message: lapin::message::Delivery, unsettled: Unsettled) -> Delivery {
    Delivery::new(decode_action(&message.data), delivery_count(&message), unsettled)
}

/// Quorum queues count failed deliveries in a header that is absent at the first one; a lost connection does not always
/// count as a failure, but it always sets the flag.
fn delivery_count(message: &lapin::message::Delivery) -> u32 {
    let headers = message.properties.headers().as_ref();
    let count = match headers.and_then(|table| table.inner().get("x-delivery-count")) {
        Some(AMQPValue::LongLongInt(count)) => u32::try_from(*count).unwrap_or_default(),
        Some(AMQPValue::LongInt(count)) => u32::try_from(*count).unwrap_or_default(),
        Some(AMQPValue::LongUInt(count)) => *count,
        Some(AMQPValue::ShortUInt(count)) => u32::from(*count),
        Some(AMQPValue::ShortShortUInt(count)) => u32::from(*count),
        _ => 0,
    };
    count.max(u32::from(message.redelivered))
}
