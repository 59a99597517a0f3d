//! Heartbeats: the agent says that it lives and where it listens.

use crate::commit::{Change, check_unlocked};
use crate::control::{Control, pick_conductor};
use crate::error::ControlError;
use crate::vmedia_outcomes::boots_from_media;
use ferric_model::failure::code;
use ferric_model::hardware::VmediaOutcome;
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Node;
use ferric_model::redact;
use ferric_model::task::{Fence, Task, TaskState};
use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// A heartbeat.
#[derive(Debug, Clone, Default)]
pub struct Heartbeat {
    /// Where the agent listens.
    pub callback_url: String,
    /// Its version.
    pub agent_version: Option<String>,
    /// Its token.
    pub agent_token: Option<String>,
    /// The certificate it serves with, in PEM.
    pub agent_verify_ca: Option<String>,
    /// `start`, `end` or `error`, from installers.
    pub agent_status: Option<String>,
    /// Words to it.
    pub agent_status_message: Option<String>,
}

/// States in which a heartbeat wakes the waiting task.
pub(crate) const DRIVING: [ProvisionState; 4] = [
    ProvisionState::WaitCallBack,
    ProvisionState::CleanWait,
    ProvisionState::RescueWait,
    ProvisionState::ServiceWait,
];

/// States in which a heartbeat is recorded and nothing more.
const RECORDED: [ProvisionState; 10] = [
    ProvisionState::Enroll,
    ProvisionState::Manageable,
    ProvisionState::Available,
    ProvisionState::Cleaning,
    ProvisionState::Deploying,
    ProvisionState::Rescuing,
    ProvisionState::Servicing,
    ProvisionState::DeployHold,
    ProvisionState::CleanHold,
    ProvisionState::ServiceHold,
];

impl Control {
    /// Takes a heartbeat: remembers where the agent listens and wakes the task that waits for it.
    ///
    /// What repeats what is known already is not written: the time of the last heartbeat is true to a tenth of what an agent
    /// may be silent.
    ///
    /// A node in a state that expects no agent answers as if all were well, so that nobody can probe for states. While a node
    /// is in maintenance its agent is heard and nothing more.
    ///
    /// **Errors**: `NotFound`; `Invalid` for a missing or wrong token, a changed address or a changed certificate;
    /// `NodeLocked` while a task holds the node and the agent is not known yet.
    pub async fn heartbeat(&self, ident: &str, heartbeat: &Heartbeat) -> Result<(), ControlError> {
        let conductors = self.live_conductors().await?;
        let mut suspect = None;
        let taken = self.decide(ident, |mut node, active| {
            let driving = DRIVING.contains(&node.state());
            suspect =
                active.iter().find(|task| driving && task.state == TaskState::Parked).map(|task| task.id);
            check_token(&node, heartbeat)?;
            if !driving && !RECORDED.contains(&node.state()) {
                return Ok((None, ()));
            }
            check_same_agent(&node, heartbeat)?;
            suspect = None;
            let known = node.status.driver_internal_info.get("agent_url").is_some();
            if !known {
                check_unlocked(&node)?;
            }
            let before = node.clone();
            let dated = self.record(&mut node, heartbeat);
            self.hear_installer(&mut node, heartbeat.agent_status.as_deref());
            let mut change = Change::of(node);
            if !known && driving && boots_from_media(&before) {
                change.vmedia = Some(VmediaOutcome::Booted);
            }
            let node = &mut change.node;
            if dated && node.state().is_waiting() {
                node.provision_updated_at = Some(self.now());
            }
            if node.maintenance {
                return Ok(((change.node != before).then_some(change), ()));
            }
            if node.reservation.is_some() {
                node.status.driver_internal_info.insert("agent_wake_pending".into(), Value::Bool(true));
            } else if driving
                && let Some(task) = active
                    .into_iter()
                    .find(|task| task.state == TaskState::Parked && task.resume_at.is_none())
                && let Some(host) = pick_conductor(&conductors, node)
            {
                node.reservation = Some(host);
                change.save = Some(wake(task));
            }
            Ok(((change.node != before).then_some(change), ()))
        });
        match (taken.await, suspect) {
            (Err(ControlError::Invalid(refusal)), Some(task)) => {
                self.note_refused(task, heartbeat, &refusal).await;
                Err(ControlError::Invalid(refusal))
            }
            (taken, _) => taken.map(drop),
        }
    }

    /// Notes that an agent called for a task and was refused: without this the task would only be seen to wait in vain.
    async fn note_refused(&self, task: Uuid, heartbeat: &Heartbeat, refusal: &str) {
        let (code, summary) = if refusal.starts_with("Agent token") {
            (code::AGENT_TOKEN_MISMATCH, "an agent called and was refused: its token is not the node's")
        } else {
            (code::AGENT_CHANGED, "an agent called and was refused: it is not the one that called before")
        };
        let from = redact::mask_urls(&heartbeat.callback_url);
        self.note_trouble(task, code, summary, Some(&format!("from {from}: {refusal}"))).await;
    }

    /// Writes down what the agent says, and whether the time of it is worth a write.
    fn record(&self, node: &mut Node, heartbeat: &Heartbeat) -> bool {
        let now = self.now();
        let internal = &mut node.status.driver_internal_info;
        let last = internal.get("agent_last_heartbeat").and_then(Value::as_str);
        let last = last.and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
        let grain =
            Duration::seconds(i64::try_from(self.settings().heartbeat_timeout_secs / 10).unwrap_or(0));
        let dated = last.is_none_or(|last| now - last >= grain.max(Duration::NANOSECOND));
        if dated {
            internal.insert("agent_last_heartbeat".into(), now.format(&Rfc3339).unwrap_or_default().into());
        }
        internal.insert("agent_url".into(), heartbeat.callback_url.clone().into());
        let optional = [
            ("agent_version", &heartbeat.agent_version),
            ("agent_verify_ca", &heartbeat.agent_verify_ca),
            ("agent_status", &heartbeat.agent_status),
            ("agent_status_message", &heartbeat.agent_status_message),
        ];
        for (key, value) in optional {
            if let Some(value) = value {
                internal.insert(key.into(), value.clone().into());
            }
        }
        dated
    }
}

/// Queues a parked task again; gives it with the fence it is saved under.
pub(crate) fn wake(mut task: Task) -> (Task, Fence) {
    let fence = task.fence();
    task.wake();
    (task, fence)
}

fn check_token(node: &Node, heartbeat: &Heartbeat) -> Result<(), ControlError> {
    let given = heartbeat.agent_token.as_deref().unwrap_or_default();
    if given.is_empty() {
        return Err(ControlError::Invalid("Agent token is required for heartbeat processing.".into()));
    }
    let expected = node.status.driver_internal_info.get("agent_secret_token").and_then(Value::as_str);
    match expected {
        Some(expected) if same(expected.as_bytes(), given.as_bytes()) => Ok(()),
        _ => Err(ControlError::Invalid(
            "Agent token is not valid for this node: the ramdisk must be rebooted by the conductor to get a new one.".into(),
        )),
    }
}

/// Compares without telling by time how much was right.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |acc, (x, y)| acc | (x ^ y)) == 0
}

fn check_same_agent(node: &Node, heartbeat: &Heartbeat) -> Result<(), ControlError> {
    let known = |key: &str| node.status.driver_internal_info.get(key).and_then(Value::as_str);
    if known("agent_url").is_some_and(|url| url != heartbeat.callback_url) {
        return Err(ControlError::Invalid("Detected change in ramdisk provided \"callback_url\".".into()));
    }
    if let (Some(known), Some(given)) = (known("agent_verify_ca"), &heartbeat.agent_verify_ca)
        && known != given
    {
        return Err(ControlError::Invalid("Detected change in ramdisk provided \"agent_verify_ca\".".into()));
    }
    Ok(())
}
