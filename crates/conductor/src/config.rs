//! What an operator may decide about a conductor.

use crate::{ConductorError, StepPriorities};
use ferric_model::secret::Secret;
use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;

/// Section `conductor` of the configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConductorConfig {
    /// Host name: identity of the conductor, unique among all.
    #[serde(rename = "host")]
    pub hostname: String,
    /// The group whose nodes it serves; empty for the default group.
    pub group: String,
    /// Base URLs of the control plane's gRPC; another one is used when one does not answer.
    pub endpoints: Vec<String>,
    /// Token that the control plane expects; none where it expects none.
    pub token: Option<Secret<String>>,
    /// What https endpoints are verified by, and what they are shown.
    pub tls: ClientTls,
    /// How many tasks may run at once.
    pub max_tasks: u16,
    /// The conductor joins at a random moment within this time, in milliseconds.
    pub start_jitter_ms: u64,
    /// How long running tasks may take to end after the stop signal, in seconds.
    pub drain_secs: u64,
    /// How long a change of power may take, in seconds.
    pub power_timeout_secs: u64,
    /// How long a change of power by the operating system may take, in seconds.
    pub soft_power_timeout_secs: u64,
    /// How long to wait for the ramdisk.
    pub callback_timeouts: CallbackTimeouts,
    /// How many nodes of a batch have their power state read at once.
    pub power_sync_concurrency: usize,
    /// Reading a batch begins at a random moment within this time, and is spread over as long, in milliseconds.
    pub power_sync_jitter_ms: u64,
    /// How many nodes of a batch have their sensors read at once.
    pub sensor_concurrency: usize,
    /// The same for the sensors of a batch.
    pub sensor_jitter_ms: u64,
    /// How long the sensors of one node may take, in seconds.
    pub sensor_timeout_secs: u64,
    /// How much memory is used to keep nodes whose power state or sensors are read again, in bytes; 0 keeps none.
    pub node_cache_bytes: u64,
    /// Whether a node is powered off when its deployment failed.
    pub power_off_after_deploy_failure: bool,
    /// Priorities of steps instead of their own.
    #[serde(skip)]
    pub step_priorities: StepPriorities,
}

/// Files for TLS to the control plane; read again when an endpoint is not reached.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClientTls {
    /// Authorities that vouch for the control plane; those of the system if absent.
    pub ca: Option<PathBuf>,
    /// Own certificate chain, for a control plane that asks for one.
    pub cert: Option<PathBuf>,
    /// Private key of `cert`.
    pub key: Option<PathBuf>,
}

/// Silence after which a wait for the ramdisk has failed, in seconds; 0 waits for ever.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CallbackTimeouts {
    /// While deploying.
    pub deploy: u64,
    /// While cleaning.
    pub clean: u64,
    /// While inspecting.
    pub inspect: u64,
    /// While serviced.
    pub service: u64,
    /// While the ramdisk for repairs boots.
    pub rescue: u64,
}

impl Default for ConductorConfig {
    fn default() -> Self {
        Self {
            hostname: String::new(),
            group: String::new(),
            endpoints: vec!["http://127.0.0.1:6390".to_owned()],
            token: None,
            tls: ClientTls::default(),
            max_tasks: 64,
            start_jitter_ms: 2_000,
            drain_secs: 25,
            power_timeout_secs: 60,
            soft_power_timeout_secs: 600,
            callback_timeouts: CallbackTimeouts::default(),
            power_sync_concurrency: 16,
            power_sync_jitter_ms: 4_000,
            sensor_concurrency: 16,
            sensor_jitter_ms: 4_000,
            sensor_timeout_secs: 300,
            node_cache_bytes: 128 * 1024 * 1024,
            power_off_after_deploy_failure: true,
            step_priorities: StepPriorities::default(),
        }
    }
}

impl Default for CallbackTimeouts {
    fn default() -> Self {
        Self { deploy: 1800, clean: 1800, inspect: 1800, service: 1800, rescue: 1800 }
    }
}

impl ConductorConfig {
    /// How long a change of power may take.
    pub fn power_timeout(&self) -> Duration {
        Duration::from_secs(self.power_timeout_secs)
    }

    /// How long a batch of power states waits at most, and over which time its nodes are spread.
    pub(crate) fn power_sync_jitter(&self) -> Duration {
        Duration::from_millis(self.power_sync_jitter_ms)
    }

    /// The same for their sensors.
    pub(crate) fn sensor_jitter(&self) -> Duration {
        Duration::from_millis(self.sensor_jitter_ms)
    }

    /// How long the sensors of one node may take.
    pub(crate) fn sensor_timeout(&self) -> Duration {
        Duration::from_secs(self.sensor_timeout_secs)
    }

    /// Refuses what cannot work.
    ///
    /// **Errors**: `Config` naming the key.
    pub(crate) fn check(&self) -> Result<(), ConductorError> {
        let refuse = |key, reason: &str| Err(ConductorError::Config { key, reason: reason.to_owned() });
        if self.hostname.is_empty() {
            return refuse("conductor.host", "it is empty");
        }
        if self.max_tasks == 0 {
            return refuse("conductor.max_tasks", "it must be at least 1");
        }
        if self.power_sync_concurrency == 0 {
            return refuse("conductor.power_sync_concurrency", "it must be at least 1");
        }
        if self.sensor_concurrency == 0 {
            return refuse("conductor.sensor_concurrency", "it must be at least 1");
        }
        if self.endpoints.is_empty() {
            return refuse("grpc.endpoints", "it is empty");
        }
        let encrypted = self.endpoints.iter().any(|url| url.starts_with("https://"));
        if !encrypted && (self.tls.ca.is_some() || self.tls.cert.is_some()) {
            return refuse("grpc.endpoints", "TLS is configured, but none begins with https://");
        }
        Ok(())
    }
}
