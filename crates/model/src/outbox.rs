//! Messages that a transaction leaves for the bus.

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// To the queue of a conductor group; exactly one conductor takes it.
    Action {
        /// The group, empty for the default one.
        conductor_group: String,
    },
    /// To everybody who listens.
    Event,
}

/// A message of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxMessage {
    /// Row number, 0 before it is stored.
    pub id: i64,
    /// Where it goes.
    pub route: Route,
    /// The encoded envelope.
    pub payload: Vec<u8>,
}
