//! The outbox: messages that transactions left, on their way to the bus.

mod relay;

pub(crate) use relay::jittered as pause;
