//! Use cases of resources beside nodes, and what becomes of lost messages, on each back end.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod allocations;
mod bulk;
mod delivery;
mod deploy_templates;
mod discovery;
mod failures;
mod keyed;
mod provisioning;
mod runbooks;
mod scene;
mod sensors;
mod watch;
