//! The REST API in process, over SQLite and the local bus.

#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

mod auth;
mod boot;
mod bulk;
mod cost;
mod departed;
mod golden;
mod grpc_bulk;
mod hardware;
mod health;
mod in_process;
mod inspection_rules;
mod keyed;
mod keystone;
mod limits;
mod openapi;
mod portgroups;
mod rbac;
mod reserved;
mod vifs;
mod watch;
