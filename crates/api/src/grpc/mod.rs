//! gRPC: what conductors say, and services for everybody.

mod boot_service;
mod bulk_service;
mod callers;
mod conductor_service;
mod error;
mod history_service;
mod identity;
mod serve;
mod use_case;
mod watch_service;

#[cfg(test)]
pub(crate) use identity::{Certificate, ConductorIdentity};
pub use serve::serve;
