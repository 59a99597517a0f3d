//! The crate against agents, BMCs and image servers that do what they are told.

#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

mod client;
mod deploy_direct;
mod fake_agent;
mod fake_node;
mod raid;
mod rescue;
mod simulated;
mod steps;
mod tls;
