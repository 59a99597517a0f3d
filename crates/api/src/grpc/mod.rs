//! gRPC: what conductors say, and reads for everybody.

mod callers;
mod conductor_service;
mod error;
mod history_service;
mod identity;
mod serve;

#[cfg(test)]
pub(crate) use identity::ConductorIdentity;
pub use serve::serve;
