//! What a bus can do.

use crate::{BusError, encode_action, encode_event};
use async_trait::async_trait;
use ferric_proto::v1::{ActionEnvelope, EventEnvelope};
use futures::stream::BoxStream;

/// Carries actions to conductors and events to everybody.
///
/// Actions are delivered at least once, to one conductor of the group, in no particular order (I-6). Events are hints:
/// they reach everybody who listens at that moment, at most once.
#[async_trait]
pub trait Bus: Send + Sync + std::fmt::Debug {
    /// Hands an encoded action to the queue of a conductor group; returns when it is stored safely. The queue is created
    /// if no conductor did so before, so that nothing is lost.
    ///
    /// **Errors**: `Unreachable`, `Broken`, `Timeout`, `Full`, `Unserved`: try again later, the message may have arrived
    /// nevertheless.
    async fn publish_action_bytes(&self, conductor_group: &str, payload: &[u8]) -> Result<(), BusError>;

    /// Tells everybody who listens, and returns when the broker has it.
    ///
    /// **Errors**: as [`Self::publish_action_bytes`].
    async fn publish_event_bytes(&self, payload: &[u8]) -> Result<(), BusError>;

    /// Takes actions of a conductor group, at most `prefetch` unsettled ones at a time. The stream survives lost
    /// connections and ends only when the bus is closed.
    async fn consume_actions(
        &self,
        conductor_group: &str,
        prefetch: u16,
    ) -> Result<BoxStream<'static, Delivery>, BusError>;

    /// How many actions of a conductor group wait at the broker for somebody to take them; none where it does not know the
    /// group's queue.
    ///
    /// **Errors**: as [`Self::publish_action_bytes`].
    async fn waiting_actions(&self, conductor_group: &str) -> Result<usize, BusError>;

    /// Takes what was put aside: rejected, or come back too often.
    async fn consume_dead_letters(&self, prefetch: u16) -> Result<BoxStream<'static, Delivery>, BusError>;

    /// Listens to events from now on. What cannot be understood is left out, and so are events while the connection is
    /// away.
    async fn subscribe_events(&self) -> Result<BoxStream<'static, EventEnvelope>, BusError>;

    /// Whether the bus works now.
    async fn ping(&self) -> Result<(), BusError>;

    /// Ends every stream and the connection.
    async fn close(&self);

    /// Encodes and publishes an action, see [`Self::publish_action_bytes`].
    async fn publish_action(&self, conductor_group: &str, envelope: &ActionEnvelope) -> Result<(), BusError> {
        self.publish_action_bytes(conductor_group, &encode_action(envelope)).await
    }

    /// Encodes and publishes an event, see [`Self::publish_event_bytes`].
    async fn publish_event(&self, envelope: &EventEnvelope) -> Result<(), BusError> {
        self.publish_event_bytes(&encode_event(envelope)).await
    }
}

/// An action that was delivered. Dropped without a verdict, it comes back.
#[derive(Debug)]
pub struct Delivery {
    /// The action, or why it cannot be understood.
    pub envelope: Result<ActionEnvelope, BusError>,
    /// How often it was delivered before, as far as the broker knows.
    pub delivery_count: u32,
    settle: Box<dyn Settle>,
}

/// What becomes of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is done with.
    Ack,
    /// It is to be delivered again.
    Retry,
    /// It is to be put aside.
    Reject,
}

/// Carries out the verdict; dropped without one, it makes the delivery come back.
#[async_trait]
pub(crate) trait Settle: Send + Sync + std::fmt::Debug {
    async fn settle(self: Box<Self>, verdict: Verdict) -> Result<(), BusError>;
}

impl Delivery {
    pub(crate) fn new(
        envelope: Result<ActionEnvelope, BusError>,
        delivery_count: u32,
        settle: impl Settle + 'static,
    ) -> Self {
        Self { envelope, delivery_count, settle: Box::new(settle) }
    }

    /// Done with: it does not come back.
    ///
    /// **Errors**: `Unreachable` when the connection was lost meanwhile; the action is then delivered again.
    pub async fn ack(self) -> Result<(), BusError> {
        self.settle.settle(Verdict::Ack).await
    }

    /// To be delivered again, to whoever is free.
    ///
    /// **Errors**: as [`Self::ack`].
    pub async fn retry(self) -> Result<(), BusError> {
        self.settle.settle(Verdict::Retry).await
    }

    /// To be put aside as a dead letter.
    ///
    /// **Errors**: as [`Self::ack`].
    pub async fn reject(self) -> Result<(), BusError> {
        self.settle.settle(Verdict::Reject).await
    }
}
