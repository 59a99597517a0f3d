//! Real `ferric` processes, configured through the environment alone, in the two ways that a product is run: everything
//! in one process with SQLite, or API processes and conductors on PostgreSQL and RabbitMQ.

mod installation;
mod matrix;
mod ports;
mod process;
mod run;
mod spec;

pub use installation::Cluster;
pub use ports::free_address;
pub use process::Process;
pub use run::run;
pub use spec::{ClusterSpec, Kind};
