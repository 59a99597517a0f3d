//! The ports of a checkout's services: chosen once, then kept.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

/// Below the range from which Linux hands out ephemeral ports, so that no client connection sits on one of them.
const FIRST_PORT: u16 = 20_000;
const SLOTS: u16 = 1_500;
const PORTS_PER_SLOT: u16 = 8;

/// Ports on 127.0.0.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    pub postgres: u16,
    pub amqp: u16,
    pub rabbitmq_api: u16,
    pub erlang_distribution: u16,
    pub epmd: u16,
}

impl Ports {
    /// Reads `ports.json`, or chooses the first free slot from the one that the fingerprint points at.
    pub fn load_or_choose(dir: &Path, fingerprint: u64) -> Result<Self> {
        let file = dir.join("ports.json");
        if let Some(ports) = fs::read_to_string(&file).ok().and_then(|text| Self::parse(&text)) {
            return Ok(ports);
        }
        let start = (fingerprint % u64::from(SLOTS)) as u16;
        for offset in 0..SLOTS {
            let ports = Self::in_slot((start + offset) % SLOTS);
            if ports.all_free() {
                fs::write(&file, ports.to_json().to_string())
                    .with_context(|| format!("cannot write {}", file.display()))?;
                return Ok(ports);
            }
        }
        bail!("no free ports for the test services from {FIRST_PORT} upwards")
    }

    fn in_slot(slot: u16) -> Self {
        let first = FIRST_PORT + slot * PORTS_PER_SLOT;
        Self {
            postgres: first,
            amqp: first + 1,
            rabbitmq_api: first + 2,
            erlang_distribution: first + 3,
            epmd: first + 4,
        }
    }

    fn all_free(self) -> bool {
        [self.postgres, self.amqp, self.rabbitmq_api, self.erlang_distribution, self.epmd]
            .iter()
            .all(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
    }

    fn to_json(self) -> Value {
        json!({
            "postgres": self.postgres,
            "amqp": self.amqp,
            "rabbitmq_api": self.rabbitmq_api,
            "erlang_distribution": self.erlang_distribution,
            "epmd": self.epmd,
        })
    }

    fn parse(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let port = |name: &str| value[name].as_u64().and_then(|number| u16::try_from(number).ok());
        Some(Self {
            postgres: port("postgres")?,
            amqp: port("amqp")?,
            rabbitmq_api: port("rabbitmq_api")?,
            erlang_distribution: port("erlang_distribution")?,
            epmd: port("epmd")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{FIRST_PORT, PORTS_PER_SLOT, Ports, SLOTS};

    #[test]
    fn the_file_gives_back_what_was_chosen() {
        let ports = Ports::in_slot(17);
        assert_eq!(Ports::parse(&ports.to_json().to_string()), Some(ports));
        assert_eq!(Ports::parse("{\"postgres\": 70000}"), None);
    }

    #[test]
    fn no_slot_reaches_the_ephemeral_range() {
        assert!(u32::from(FIRST_PORT) + u32::from(SLOTS) * u32::from(PORTS_PER_SLOT) <= 32_768);
    }
}
