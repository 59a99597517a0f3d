//! Settings of the work with agents.

use crate::erasure::ErasureConfig;
use crate::interface::DeployKind;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How agents are spoken to and how long they are waited for.
///
/// Source of the defaults: `contract: agent-protocol` section 5, `contract: config-defaults`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AgentConfig {
    /// Deadline of one request, from the connection to the last byte of the answer, in seconds.
    pub call_timeout_secs: u64,
    /// Deadline of a connection, in seconds.
    pub connect_timeout_secs: u64,
    /// Tries of one call when the connection fails (at least 1).
    pub attempts: u32,
    /// First pause between two tries, in milliseconds; doubles with each failure, with full jitter.
    pub retry_pause_ms: u64,
    /// Calls to agents that may be under way at once in one process.
    pub concurrent_calls: usize,
    /// Longest answer that is read, in bytes. Older agents repeat a command's parameters, configdrive included.
    pub answer_limit_bytes: usize,
    /// How often an agent is asked for the end of a command that outlasts its own call.
    pub command_wait_attempts: u32,
    /// Pause before each of these questions, in milliseconds.
    pub command_wait_ms: u64,
    /// How often the BMC is asked whether the node switched itself off.
    pub power_off_attempts: u32,
    /// Pause before each of these questions, in milliseconds.
    pub power_off_pause_ms: u64,
    /// How long the BMC gets to reach a power state, in seconds.
    pub power_timeout_secs: u64,
    /// Priority of the agent's clean step `deploy.erase_devices` instead of the agent's own.
    pub erase_devices_priority: Option<i64>,
    /// Priority of the agent's clean step `deploy.erase_devices_metadata` instead of the agent's own.
    pub erase_devices_metadata_priority: Option<i64>,
    /// Priorities of clean steps of the agent instead of its own, as `interface.step:priority`; 0 disables a step.
    #[serde(deserialize_with = "ferric_model::comma_list::deserialize")]
    pub clean_step_priorities: Vec<StepPriority>,
    /// How disks are erased.
    pub erasure: ErasureConfig,
    /// In which order `autodetect` tries other deploy interfaces.
    #[serde(deserialize_with = "ferric_model::comma_list::deserialize")]
    pub autodetect_deploy_interfaces: Vec<DeployKind>,
}

/// A step and the priority that it is to have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StepPriority {
    /// `interface.step`.
    pub label: String,
    /// Its priority.
    pub priority: i64,
}

impl TryFrom<String> for StepPriority {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parts = text.rsplit_once(':').and_then(|(label, priority)| {
            let priority: i64 = priority.trim().parse().ok()?;
            (label.contains('.') && priority >= 0).then(|| (label.trim().to_owned(), priority))
        });
        match parts {
            Some((label, priority)) => Ok(Self { label, priority }),
            None => Err(format!("expected interface.step:priority, not {text:?}")),
        }
    }
}

impl From<StepPriority> for String {
    fn from(StepPriority { label, priority }: StepPriority) -> Self {
        format!("{label}:{priority}")
    }
}

impl Default for AgentConfig {
    fn default() -> Self {
        Self {
            call_timeout_secs: 60,
            connect_timeout_secs: 10,
            attempts: 3,
            retry_pause_ms: 1_000,
            concurrent_calls: 256,
            answer_limit_bytes: 128 * 1024 * 1024,
            command_wait_attempts: 100,
            command_wait_ms: 6_000,
            power_off_attempts: 6,
            power_off_pause_ms: 5_000,
            power_timeout_secs: 120,
            erase_devices_priority: None,
            erase_devices_metadata_priority: None,
            clean_step_priorities: Vec::new(),
            erasure: ErasureConfig::default(),
            autodetect_deploy_interfaces: vec![DeployKind::Ramdisk, DeployKind::Bootc, DeployKind::Direct],
        }
    }
}

impl AgentConfig {
    /// The priority of a clean step of the agent, if somebody chose one.
    pub(crate) fn clean_priority(&self, label: &str) -> Option<i64> {
        let chosen = self.clean_step_priorities.iter().find(|row| row.label == label);
        chosen.map(|row| row.priority).or(match label {
            "deploy.erase_devices" => self.erase_devices_priority,
            "deploy.erase_devices_metadata" => self.erase_devices_metadata_priority,
            _ => None,
        })
    }

    pub(crate) fn call_timeout(&self) -> Duration {
        Duration::from_secs(self.call_timeout_secs)
    }

    pub(crate) fn power_timeout(&self) -> Duration {
        Duration::from_secs(self.power_timeout_secs)
    }

    pub(crate) fn power_off_pause(&self) -> Duration {
        Duration::from_millis(self.power_off_pause_ms)
    }

    /// The pause after failure number `failure` (0 is the first), fully jittered.
    pub(crate) fn retry_pause(&self, failure: u32) -> Duration {
        let ceiling = self.retry_pause_ms.saturating_mul(1 << failure.min(10));
        Duration::from_millis(rand::random_range(0..=ceiling))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priorities_are_written_behind_their_steps() {
        let read = |text: &str| StepPriority::try_from(text.to_owned());
        let row = read("deploy.erase_pstore:15").unwrap();
        assert_eq!((row.label.as_str(), row.priority), ("deploy.erase_pstore", 15));
        assert_eq!(String::from(row), "deploy.erase_pstore:15");
        for bad in ["deploy.erase_pstore", "erase_pstore:1", "deploy.x:-1", "deploy.x:high", ""] {
            assert!(read(bad).unwrap_err().contains("interface.step:priority"), "{bad}");
        }
    }
}
