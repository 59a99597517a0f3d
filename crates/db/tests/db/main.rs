//! Every query on both back ends.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod allocations;
mod boots;
mod chassis;
mod conductors;
mod connect;
mod deploy_templates;
mod failures;
mod hardware_reads;
mod history;
mod idempotency;
mod inspection_rules;
mod migrations;
mod nodes;
mod operations;
mod outbox;
mod portgroups;
mod ports;
mod runbooks;
mod samples;
mod store;
mod tasks;
mod tls;
mod vifs;
mod writes;

use ferric_db::testing as databases;
