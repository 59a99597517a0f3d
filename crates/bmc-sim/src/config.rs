//! What a simulator is started with.

use std::net::{Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

/// The folders of a dnsmasq.
#[derive(Clone, Debug)]
pub struct DhcpFiles {
    /// Whom it answers (`dhcp-hostsdir`).
    pub hostsdir: PathBuf,
    /// What it tells (`dhcp-optsdir`).
    pub optsdir: PathBuf,
}

/// Settings of one simulator; every field has a default fit for tests.
#[derive(Clone, Debug)]
pub struct SimulatorConfig {
    /// How many servers are simulated.
    pub servers: usize,
    /// Where the one listener binds; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The URL clients and APIs are told to use, when it differs from the bound address.
    pub public_url: Option<String>,
    /// How long one leg of a power change takes, in milliseconds; a value is drawn from the range each time.
    pub power_delay_ms: RangeInclusive<u64>,
    /// How long the firmware and the ramdisk's kernel take before anything can be seen of them.
    pub boot_delay: Duration,
    /// How often a simulated agent heartbeats, and the longest pause between its retries.
    pub heartbeat_interval: Duration,
    /// How long an in-band step that has no real work to do takes.
    pub step_delay: Duration,
    /// How long a Reset that became a task takes, unless its fault says otherwise.
    pub task_delay: Duration,
    /// How long a login lives that nobody uses. Redfish wants half a minute to a day; tests may have less.
    pub session_timeout: Duration,
    /// A program that ramdisks run instead of the simulated agent.
    pub agent_program: Option<PathBuf>,
    /// Where the DHCP server of the servers' network keeps its answers; without it servers boot nothing over the network.
    pub dhcp: Option<DhcpFiles>,
    /// The BMC user.
    pub username: String,
    /// The BMC user's password.
    pub password: String,
    /// Seed of every random choice (delays, jitter).
    pub seed: u64,
}

impl Default for SimulatorConfig {
    fn default() -> Self {
        Self {
            servers: 1,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            public_url: None,
            power_delay_ms: 50..=300,
            boot_delay: Duration::from_millis(200),
            heartbeat_interval: Duration::from_secs(2),
            step_delay: Duration::from_millis(100),
            task_delay: Duration::from_secs(5),
            session_timeout: Duration::from_secs(1800),
            agent_program: None,
            dhcp: None,
            username: "admin".to_owned(),
            password: "password".to_owned(),
            seed: 1,
        }
    }
}
