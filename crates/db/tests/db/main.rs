//! Every query on both back ends.

mod conductors;
mod connect;
mod databases;
mod history;
mod migrations;
mod nodes;
mod outbox;
mod ports;
mod samples;
mod store;
mod tasks;
