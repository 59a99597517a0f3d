#![doc = include_str!("../README.md")]

mod asked;
mod config;
mod conn;
mod connect;
mod error;
mod ident;
mod migrate;
mod paging;
mod pool;
mod schema;
mod statements;
mod store;
mod tls;
mod types;
mod volume_filter;

pub mod allocations;
pub mod bios;
pub mod boots;
pub mod chassis;
pub mod conductors;
pub mod deploy_templates;
pub mod driver_calls;
pub mod fingerprints;
pub mod firmware;
pub mod hardware_facts;
pub mod history;
pub mod idempotency;
pub mod inspection_rules;
pub mod installer_logs;
pub mod inventory;
pub mod node_changes;
pub mod nodes;
pub mod operations;
pub mod outbox;
pub mod portgroups;
pub mod ports;
pub mod processes;
pub mod runbooks;
pub mod sweeps;
pub mod tasks;
#[cfg(feature = "testing")]
pub mod testing;
pub mod troubles;
pub mod vifs;
pub mod vmedia_outcomes;
pub mod volume_connectors;
pub mod volume_targets;
pub mod writes;

pub use config::DatabaseConfig;
pub use conn::Conn;
pub use error::{Conflict, DbError};
pub use ident::Ident;
pub use statements::{Cost, Statement, StatementKind, Tally, inherit};
pub use store::{Store, Work};
pub use volume_filter::VolumeFilter;
