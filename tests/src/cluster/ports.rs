//! Ports for processes that must know theirs before they start.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use anyhow::bail;
use rand::RngExt;

/// Below the ports that the system gives to outgoing connections, so that none of those takes a port while the process
/// behind it is being restarted.
const RANGE: std::ops::Range<u16> = 12_000..32_000;

const ATTEMPTS: usize = 100;

/// A random address of this computer where nobody listens.
pub fn free_address() -> anyhow::Result<SocketAddr> {
    for _ in 0..ATTEMPTS {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, rand::rng().random_range(RANGE)));
        if TcpListener::bind(address).is_ok() {
            return Ok(address);
        }
    }
    bail!("no free port was found in {RANGE:?}")
}
