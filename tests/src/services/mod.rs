//! One database and one RabbitMQ virtual host per test, on the servers that `cargo xtask test` starts.
//!
//! Where the environment names no servers, `create` prints one line and returns `None`: the test then ends as skipped.
//! A server that is named but does not answer fails the test.

mod postgres;
mod rabbitmq;
mod strike;

pub use postgres::PostgresDatabase;
pub use rabbitmq::RabbitVhost;
pub use strike::{Pace, Service, can_strike, restart, set_disk};

use std::fmt::Display;

/// The value of a variable that `cargo xtask services env` prints; says that the test is skipped if it is absent.
fn endpoint(variable: &str) -> Option<String> {
    let value = std::env::var(variable).ok().filter(|value| !value.is_empty());
    if value.is_none() {
        eprintln!("skipped: {variable} is not set; `cargo xtask test` starts the services and sets it");
    }
    value
}

/// A name that no other test, process or earlier run uses; valid for databases, virtual hosts and queues unquoted.
fn unique_name() -> String {
    format!("ferric_test_{}", uuid::Uuid::new_v4().simple())
}

/// Fails the test for a reason that lies in a service.
#[expect(clippy::panic, reason = "called by tests only, where a broken service has to fail the test")]
fn fail(action: &str, error: impl Display) -> ! {
    panic!("cannot {action}: {error}")
}
