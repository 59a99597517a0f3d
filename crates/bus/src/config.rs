//! Which bus to use.

use crate::local::LocalBus;
use crate::rabbit::RabbitBus;
use crate::{Bus, BusError};
use ferric_model::secret::Secret;
use serde::Deserialize;
use std::sync::Arc;

/// Settings of the bus: section `bus` of the configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BusConfig {
    /// `local:` for one process, `amqp://user:password@host:port/vhost` or `amqps://…` for RabbitMQ.
    pub url: Secret<String>,
    /// What names of queues and exchanges begin with; installations that share a broker need different ones.
    pub prefix: String,
    /// A subscription to a lasting queue over which nothing came for so long is made anew, in seconds: a broker may forget one
    /// without telling.
    pub renew_secs: u64,
}

impl Default for BusConfig {
    fn default() -> Self {
        Self { url: Secret::new("local:".to_owned()), prefix: "ferric".to_owned(), renew_secs: 120 }
    }
}

/// Connects to the bus that `config` names.
///
/// **Errors**: `Config` for an unusable setting, `Unreachable` or `Refused` for a broker that does not let us in; all
/// name the setting and none holds the password.
pub async fn connect(config: &BusConfig) -> Result<Arc<dyn Bus>, BusError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if config.prefix.is_empty() || config.prefix.len() > 100 || !config.prefix.chars().all(plain) {
        return Err(BusError::Config {
            key: "bus.prefix",
            reason: "it must be 1 to 100 letters, digits, '-', '_' or '.'".to_owned(),
        });
    }
    if config.renew_secs == 0 {
        return Err(BusError::Config { key: "bus.renew_secs", reason: "it must be at least 1".to_owned() });
    }
    let url = config.url.expose();
    match url.split_once(':').map(|(scheme, _)| scheme) {
        Some("local") if url == "local:" => Ok(Arc::new(LocalBus::default())),
        Some("amqp" | "amqps") => Ok(Arc::new(RabbitBus::connect(config).await?)),
        _ => Err(BusError::Config {
            key: "bus.url",
            reason: "it must be 'local:' or begin with 'amqp://' or 'amqps://'".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(url: &str, prefix: &str) -> BusConfig {
        BusConfig { url: Secret::new(url.to_owned()), prefix: prefix.to_owned(), ..BusConfig::default() }
    }

    #[tokio::test]
    async fn an_unusable_setting_is_named_and_the_password_is_not() {
        let cases = [
            (config("kafka://u:hush@h", "ferric"), "bus.url is not usable"),
            (config("local:thing", "ferric"), "bus.url is not usable"),
            (config("amqp://u:hush@:x/", "ferric"), "bus.url is not usable"),
            (config("amqp://u:hush@127.0.0.1:1/%2f", "ferric"), "bus.url: the broker at amqp://127.0.0.1:1"),
            (config("local:", "a b"), "bus.prefix is not usable"),
            (BusConfig { renew_secs: 0, ..BusConfig::default() }, "bus.renew_secs is not usable"),
        ];
        for (config, expected) in cases {
            let error = connect(&config).await.unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
            assert!(!error.contains("hush"), "{error}");
        }
        assert!(!format!("{:?}", config("amqp://u:hush@h", "p")).contains("hush"));
    }
}
