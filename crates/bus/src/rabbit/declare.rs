//! Queues and exchanges as RabbitMQ gets to know them. Declaring what exists is harmless; with other settings it is
//! refused.

use crate::topology::{DEAD_LETTER_LIMIT, DELIVERY_LIMIT, EVENT_LIMIT, QUEUE_LIMIT, Topology};
use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::protocol::AMQPSoftError;
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{Channel, ErrorKind, ExchangeKind};

/// Declares what every connection needs: the exchange of events, and where dead letters go.
pub async fn declare_base(channel: &Channel, topology: &Topology) -> lapin::Result<()> {
    let dead: ShortString = topology.dead_letters().into();
    for exchange in [topology.event_exchange().into(), dead.clone()] {
        let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
        channel.exchange_declare(exchange, ExchangeKind::Fanout, durable, FieldTable::default()).await?;
    }
    let settings = table([text("x-queue-type", "quorum"), number("x-max-length", DEAD_LETTER_LIMIT)]);
    channel.queue_declare(dead.clone(), durable(), settings).await?;
    channel
        .queue_bind(dead.clone(), dead, "".into(), QueueBindOptions::default(), FieldTable::default())
        .await
}

/// Declares the queue of a conductor group. A full queue refuses messages instead of dropping old ones.
pub async fn declare_action_queue(channel: &Channel, topology: &Topology, queue: &str) -> lapin::Result<()> {
    let settings = table([
        text("x-queue-type", "quorum"),
        number("x-delivery-limit", DELIVERY_LIMIT as usize),
        text("x-dead-letter-exchange", &topology.dead_letters()),
        number("x-max-length", QUEUE_LIMIT),
        text("x-overflow", "reject-publish"),
    ]);
    channel.queue_declare(queue.into(), durable(), settings).await.map(|_| ())
}

/// How many messages of a queue wait to be delivered.
pub async fn count_waiting(channel: &Channel, queue: &str) -> lapin::Result<usize> {
    let look = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
    let queue = channel.queue_declare(queue.into(), look, FieldTable::default()).await?;
    Ok(usize::try_from(queue.message_count()).unwrap_or(usize::MAX))
}

/// Whether the broker says that there is no such queue.
pub fn is_unknown(error: &lapin::Error) -> bool {
    matches!(error.kind(), ErrorKind::ProtocolError(said) if said.get_id() == AMQPSoftError::NOTFOUND.get_id())
}

/// Declares a queue that hears every event as long as its connection lasts; returns its name.
pub async fn declare_event_queue(channel: &Channel, topology: &Topology) -> lapin::Result<ShortString> {
    let own = QueueDeclareOptions { exclusive: true, auto_delete: true, ..QueueDeclareOptions::default() };
    let settings = table([number("x-max-length", EVENT_LIMIT)]);
    let queue = channel.queue_declare("".into(), own, settings).await?.name().clone();
    let exchange = topology.event_exchange().into();
    channel
        .queue_bind(queue.clone(), exchange, "".into(), QueueBindOptions::default(), FieldTable::default())
        .await?;
    Ok(queue)
}

fn durable() -> QueueDeclareOptions {
    QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() }
}

fn table<const N: usize>(entries: [(&'static str, AMQPValue); N]) -> FieldTable {
    let mut table = FieldTable::default();
    for (key, value) in entries {
        table.insert(key.into(), value);
    }
    table
}

fn text(key: &'static str, value: &str) -> (&'static str, AMQPValue) {
    (key, AMQPValue::LongString(value.into()))
}

fn number(key: &'static str, value: usize) -> (&'static str, AMQPValue) {
    (key, AMQPValue::LongLongInt(i64::try_from(value).unwrap_or(i64::MAX)))
}
