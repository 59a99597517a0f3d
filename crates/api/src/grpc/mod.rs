//! gRPC: what conductors say, and reads for everybody.

mod conductor_service;
mod error;
mod history_service;
mod identity;
mod serve;

pub use serve::serve;
