//! What the tests share: a small Redfish client, a fake bare metal API, and hand-made boot images.
#![allow(dead_code, reason = "every test binary uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is test code outside test functions")]

pub mod api;
pub mod bmc;
pub mod iso;

use std::time::Duration;

use ferric_bmc_sim::{Simulator, SimulatorConfig};

/// No condition in these tests takes anywhere near this long unless something is broken.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// A simulator with short delays.
pub fn simulator(servers: usize) -> Simulator {
    Simulator::start(config(servers)).unwrap()
}

pub fn config(servers: usize) -> SimulatorConfig {
    SimulatorConfig {
        servers,
        power_delay_ms: 20..=60,
        boot_delay: Duration::from_millis(20),
        heartbeat_interval: Duration::from_millis(300),
        step_delay: Duration::from_millis(30),
        ..SimulatorConfig::default()
    }
}
