//! The configuration section `database`.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Where the database is and how many connections are held to it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `sqlite:PATH`, `sqlite::memory:` or `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…`; holds a secret.
    pub url: String,
    /// Connections to PostgreSQL; SQLite always has one.
    pub max_connections: usize,
    /// Connections of all API processes together; each gets an equal share, at most `max_connections`; 0 gives each of them
    /// `max_connections`.
    pub connection_budget: usize,
    /// How long a request waits for a free connection, in seconds.
    pub acquire_timeout_secs: u64,
    /// How long to try to reach the server when the process starts, in seconds.
    pub connect_timeout_secs: u64,
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self {
            url: "sqlite:ferric.db".to_owned(),
            max_connections: 10,
            connection_budget: 0,
            acquire_timeout_secs: 30,
            connect_timeout_secs: 30,
        }
    }
}

impl fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseConfig")
            .field("url", &"***")
            .field("max_connections", &self.max_connections)
            .field("connection_budget", &self.connection_budget)
            .field("acquire_timeout_secs", &self.acquire_timeout_secs)
            .field("connect_timeout_secs", &self.connect_timeout_secs)
            .finish()
    }
}
