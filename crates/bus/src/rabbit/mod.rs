//! A bus over RabbitMQ 3.10 and later.

mod consume;
mod declare;
mod link;
mod publish;
mod rabbit_bus;
mod unserved;

pub use rabbit_bus::RabbitBus;
