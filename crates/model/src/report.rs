//! Reports: what a conductor tells the control plane about a task.

use crate::JsonMap;
use crate::bios::BiosSettings;
use crate::errand::Errand;
use crate::failure::{Exchange, Trouble, code, root_cause};
use crate::firmware::FirmwareComponents;
use crate::lifecycle::Event;
use crate::power::PowerState;
use crate::step::{Step, StepKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

/// A report. The same `(task, epoch, sequence)` is the same report, however often it is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskReport {
    /// The task.
    pub task_id: Uuid,
    /// The claim it belongs to.
    pub epoch: i64,
    /// Its number within the claim, from 1.
    pub sequence: i64,
    /// What it means for the task.
    pub outcome: TaskOutcome,
    /// The event it causes, or none; never a state (I-5).
    pub event: Option<Event>,
    /// What was seen on the way.
    pub observed: Observed,
    /// How far the task came; none leaves the notes as they are.
    pub progress: Option<Value>,
}

/// What a report means for the task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskOutcome {
    /// It goes on; the lease stays.
    Continues,
    /// It waits for the ramdisk, or at most `timeout_secs`; the lease is given back.
    Parked {
        /// Seconds of silence after which the wait has failed.
        timeout_secs: u64,
    },
    /// It goes on by itself after `secs` seconds; the lease is given back.
    Paused {
        /// How long, in seconds.
        secs: u64,
    },
    /// It ended well.
    Succeeded {
        /// What a synchronous caller gets.
        result: Option<Value>,
    },
    /// It ended badly.
    Failed(Failure),
}

/// What a conductor saw. Empty fields change nothing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Observed {
    /// The power state read from the BMC.
    pub power_state: Option<PowerState>,
    /// The step that starts (`Some(Some)`) or that no step runs any more (`Some(None)`).
    #[serde(skip_serializing_if = "Option::is_none", with = "nested")]
    pub step: Option<Option<(StepKind, Step)>>,
    /// Merge patch of `driver_internal_info`.
    pub driver_internal_info: JsonMap,
    /// Merge patch of `properties`.
    pub properties: JsonMap,
    /// Merge patch of `instance_info`.
    pub instance_info: JsonMap,
    /// `uefi` or `bios`.
    pub boot_mode: Option<String>,
    /// Whether secure boot is on.
    pub secure_boot: Option<bool>,
    /// `OK`, `Warning` or `Critical`.
    pub health: Option<String>,
    /// Whether a console runs.
    pub console_enabled: Option<bool>,
    /// The RAID layout found, in place of what was known.
    pub raid_config: Option<JsonMap>,
    /// All BIOS settings, in place of what was known.
    pub bios: Option<BiosSettings>,
    /// Firmware components found; what was known of others stays.
    pub firmware: Option<FirmwareComponents>,
    /// What inspection found.
    pub inventory: Option<Inventory>,
    /// What changes in the ports and portgroups of the node.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub port_changes: Vec<PortChange>,
    /// MAC addresses found; ports that do not exist yet are created.
    pub mac_addresses: Vec<ObservedPort>,
    /// What failed although the task goes on: history and the last error tell of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setback: Option<Failure>,
    /// What is wanted elsewhere, by a task that pauses until it is done there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errand: Option<Errand>,
}

/// What changes in a port or portgroup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortChange {
    /// The port or portgroup.
    pub uuid: Uuid,
    /// Whether it is a portgroup.
    pub of_group: bool,
    /// Merge patch of `internal_info`.
    pub internal_info: JsonMap,
}

impl PortChange {
    /// A change of a port.
    pub const fn of_port(uuid: Uuid, internal_info: JsonMap) -> Self {
        Self { uuid, of_group: false, internal_info }
    }

    /// A change of a portgroup.
    pub const fn of_portgroup(uuid: Uuid, internal_info: JsonMap) -> Self {
        Self { uuid, of_group: true, internal_info }
    }
}

/// A network card that inspection found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedPort {
    /// MAC address, lower case with colons.
    pub address: String,
    /// Whether the ramdisk may boot over it.
    pub pxe_enabled: bool,
}

/// What inspection found.
///
/// Source: `contract: agent-protocol` section 7.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Inventory {
    /// Processors, memory, disks, interfaces, vendor, boot.
    pub inventory: JsonMap,
    /// Everything else that was collected.
    pub plugin_data: JsonMap,
}

/// Why something failed, in parts from which a person can act.
///
/// **Invariant**: no part holds a secret; [`Self::new`] makes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Failure {
    /// Stable code, for example `redfish-unreachable`.
    pub code: String,
    /// What was being done, for example `deploy step deploy.write_image`.
    pub doing: String,
    /// What went wrong, in one sentence without a full stop.
    pub summary: String,
    /// What the BMC or the agent said.
    pub evidence: Option<String>,
    /// What to try next.
    pub advice: String,
    /// The step that was running, as `interface.step`.
    pub step: Option<String>,
    /// How long it had been running, in milliseconds.
    pub duration_ms: u64,
    /// Identifier of the first message that the BMC refused with, for example `Base.1.8.PropertyUnknown`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// The request to the BMC that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<Box<Exchange>>,
    /// What had gone wrong before and explains it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Box<Trouble>>,
}

impl Failure {
    /// A failure of what was being done; what to try next is what the code's row says.
    pub fn new(code: &str, doing: impl Into<String>, summary: impl Into<String>) -> Self {
        let advice = code::find(code).map_or("read the conductor's log", |row| row.remedy);
        Self {
            code: code.to_owned(),
            doing: doing.into(),
            summary: summary.into(),
            evidence: None,
            advice: advice.to_owned(),
            step: None,
            duration_ms: 0,
            message_id: None,
            exchange: None,
            cause: None,
        }
    }

    /// Adds what the other side said.
    #[must_use]
    pub fn said(mut self, evidence: impl Into<String>) -> Self {
        self.evidence = Some(evidence.into()).filter(|text| !text.trim().is_empty());
        self
    }

    /// Says better than the code's row what to try next.
    #[must_use]
    pub fn advised(mut self, advice: impl Into<String>) -> Self {
        self.advice = advice.into();
        self
    }

    /// Names the step that was running.
    #[must_use]
    pub fn in_step(mut self, step: Option<String>) -> Self {
        self.step = step;
        self
    }

    /// Tells the cause apart from the symptom: the earliest of the task's troubles that explains this failure.
    #[must_use]
    pub fn because_of(mut self, troubles: &[Trouble]) -> Self {
        self.cause = root_cause(troubles, &self.code).cloned().map(Box::new);
        self
    }

    /// What to try next: against the cause when one is known.
    pub fn remedy(&self) -> &str {
        self.cause.as_ref().and_then(|cause| cause.remedy()).unwrap_or(&self.advice)
    }

    /// The text for `last_error` and history; a cause that is known comes first.
    pub fn explain(&self, conductor: Option<&str>) -> String {
        let mut text = String::new();
        match &self.cause {
            Some(cause) => {
                text.push_str(&format!("{} ({}", capitalized(&cause.summary), times(cause.seen)));
                text.push_str(&format!(" since {}) [{}]. ", clock_time(cause.first_at), cause.code));
                text.push_str(&format!("For that reason {} failed", self.doing));
            }
            None => text.push_str(&format!("{} failed", capitalized(&self.doing))),
        }
        if self.duration_ms > 0 {
            text.push_str(&format!(" after {:.1} s", self.duration_ms as f64 / 1000.0));
        }
        if let Some(host) = conductor {
            text.push_str(&format!(" on conductor {host}"));
        }
        text.push_str(&format!(": {}.", self.summary.trim_end_matches('.')));
        if let Some(evidence) = &self.evidence {
            text.push_str(&format!(" It said: {}.", evidence.trim_end_matches('.')));
        }
        text.push_str(&format!(" Try next: {}. [{}]", self.remedy().trim_end_matches('.'), self.code));
        text
    }
}

fn times(seen: i64) -> String {
    if seen == 1 { "once".to_owned() } else { format!("{seen} times") }
}

fn clock_time(at: OffsetDateTime) -> String {
    format!("{:02}:{:02}:{:02} UTC", at.hour(), at.minute(), at.second())
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Keeps "no word about steps" (absent) apart from "no step runs" (null).
mod nested {
    use super::{Step, StepKind};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    type Running = Option<(StepKind, Step)>;

    pub fn serialize<S: Serializer>(value: &Option<Running>, serializer: S) -> Result<S::Ok, S::Error> {
        value.as_ref().and_then(Option::as_ref).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Running>, D::Error> {
        Running::deserialize(deserializer).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_about_steps_is_not_the_end_of_a_step() {
        for step in [None, Some(None)] {
            let observed = Observed { step, ..Observed::default() };
            let text = serde_json::to_string(&observed).unwrap();
            assert_eq!(serde_json::from_str::<Observed>(&text).unwrap(), observed);
        }
    }

    #[test]
    fn a_failure_says_what_where_why_and_what_next() {
        let doing = "deploy step deploy.write_image";
        let failure = Failure::new(code::AGENT_COMMAND_FAILED, doing, "the agent could not write the image")
            .said("HTTP 404 for http://images/a.img.")
            .advised("check that the image exists")
            .in_step(Some("deploy.write_image".into()));
        let failure = Failure { duration_ms: 12_340, ..failure };
        assert_eq!(
            failure.explain(Some("c1")),
            "Deploy step deploy.write_image failed after 12.3 s on conductor c1: the agent could not write the image. \
             It said: HTTP 404 for http://images/a.img. Try next: check that the image exists. [agent-command-failed]"
        );
    }

    #[test]
    fn a_cause_comes_before_its_symptom_and_has_the_remedy() {
        let at = OffsetDateTime::UNIX_EPOCH + time::Duration::hours(3);
        let mut trouble = Trouble::new(code::BOOT_SOURCE_FAILED, "the kernel could not be fetched", at);
        trouble.seen = 3;
        let failure = Failure::new(code::RAMDISK_SILENT, "waiting for the ramdisk", "nothing was heard")
            .because_of(&[trouble]);
        let text = failure.explain(None);
        let begins = "The kernel could not be fetched (3 times since 03:00:00 UTC) [boot-source-failed]. For that reason \
                      waiting for the ramdisk failed: nothing was heard. Try next: check that the server of kernel";
        assert!(text.starts_with(begins), "{text}");
        assert!(text.ends_with("[ramdisk-silent]"), "{text}");
    }
}
