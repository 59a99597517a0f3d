//! Every query on both back ends.

mod databases;
mod nodes;
mod outbox;
mod samples;
mod tasks;
