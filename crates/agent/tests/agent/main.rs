//! The crate against agents, BMCs and image servers that do what they are told.

#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

mod client;
mod deploy_direct;
mod deploy_kinds;
mod fake_agent;
mod fake_node;
mod images;
mod raid;
mod registry;
mod rescue;
mod simulated;
mod steps;
mod tls;
