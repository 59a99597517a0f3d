#![doc = include_str!("../README.md")]

mod backoff;
mod bus;
mod config;
mod envelope;
mod error;
mod local;
mod rabbit;
mod topology;

pub use bus::{Bus, Delivery};
pub use config::{BusConfig, connect};
pub use envelope::{decode_action, decode_event, encode_action, encode_event};
pub use error::BusError;
pub use ferric_proto::{ENVELOPE_VERSION, v1};
pub use topology::DELIVERY_LIMIT;
