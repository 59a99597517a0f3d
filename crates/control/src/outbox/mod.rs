//! The outbox: messages that transactions left, on their way to the bus.

mod bell;
mod dead_letters;
mod relay;

pub(crate) use bell::Bell;
pub(crate) use relay::jittered as pause;
