//! The roles of the binary.

pub mod all_in_one;
pub mod api;
pub mod boot;
pub mod conductor;
mod health;
mod metrics;
pub mod migrate;
mod signal;

pub use signal::stop_on_signal;
