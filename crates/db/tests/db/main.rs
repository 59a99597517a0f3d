//! Every query on both back ends.

mod databases;
mod nodes;
mod samples;
