//! Settings of consoles.

use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr};

/// Where consoles listen, and how long they live without use.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConsoleConfig {
    /// Address on which consoles listen. Whoever reaches a port of it has the console behind it.
    pub listen: IpAddr,
    /// Host by which people reach `listen`, for the URLs of consoles; `listen` itself if empty.
    pub public_host: String,
    /// First port that consoles may have (at least 1024).
    pub first_port: u16,
    /// Last port that consoles may have.
    pub last_port: u16,
    /// After so long without a byte in either direction a connection is closed, in seconds; 0 never does.
    pub idle_timeout_secs: u32,
    /// User that runs consoles where the conductor itself is root.
    pub user_id: u32,
    /// Group of that user.
    pub group_id: u32,
}

impl Default for ConsoleConfig {
    fn default() -> Self {
        Self {
            listen: IpAddr::V4(Ipv4Addr::LOCALHOST),
            public_host: String::new(),
            first_port: 10_000,
            last_port: 10_999,
            idle_timeout_secs: 600,
            user_id: 65_534,
            group_id: 65_534,
        }
    }
}

impl ConsoleConfig {
    /// How a console on this port is reached.
    pub(crate) fn url(&self, port: u16) -> String {
        match self.public_host.as_str() {
            "" if self.listen.is_ipv6() => format!("tcp://[{}]:{port}", self.listen),
            "" => format!("tcp://{}:{port}", self.listen),
            host => format!("tcp://{host}:{port}"),
        }
    }
}
