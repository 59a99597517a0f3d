//! Reporting about one claimed task.

use crate::api_client::ApiClient;
use crate::backoff::pause;
use crate::lease::Lease;
use ferric_model::boot::BootPurpose;
use ferric_model::lifecycle::Event;
use ferric_model::node::Node;
use ferric_model::report::{Observed, TaskOutcome, TaskReport};
use ferric_proto::{report_to_wire, v1};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

/// How long one report is sent again. It matters only when renewals get through and the report does not: then the task is
/// let go, so that its lease runs out and somebody else decides.
const PATIENCE: Duration = Duration::from_secs(300);

/// Reports about one claim.
#[derive(Debug)]
pub struct Reporter {
    api: Arc<ApiClient>,
    hostname: String,
    task_id: Uuid,
    epoch: i64,
    /// Number of the last report.
    sequence: i64,
    lease: Arc<Lease>,
    lease_lasts: Duration,
}

/// What a report says beside progress.
#[derive(Debug, Clone, PartialEq)]
pub struct Ending {
    /// What it means for the task.
    pub outcome: TaskOutcome,
    /// The event it causes.
    pub event: Option<Event>,
    /// What was seen.
    pub observed: Observed,
}

/// The claim is not the conductor's any more: it must stop working on the task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost;

impl Reporter {
    /// Reports about the claim `epoch` of a task.
    pub fn new(
        api: Arc<ApiClient>,
        hostname: String,
        task_id: Uuid,
        epoch: i64,
        lease: Arc<Lease>,
        lease_lasts: Duration,
    ) -> Self {
        Self { api, hostname, task_id, epoch, sequence: 0, lease, lease_lasts }
    }

    /// Sends a report until it is acknowledged; gives the node as it is afterwards, if the answer tells.
    ///
    /// Sending it again is harmless, for it keeps its number. Usually it is the end of the lease that stops the caller;
    /// a report that is never taken although the lease is renewed is given up.
    pub async fn send(&mut self, ending: Ending, progress: Option<Value>) -> Result<Option<Node>, Lost> {
        self.sequence += 1;
        let report = TaskReport {
            task_id: self.task_id,
            epoch: self.epoch,
            sequence: self.sequence,
            outcome: ending.outcome,
            event: ending.event,
            observed: ending.observed,
            progress,
        };
        let wire = report_to_wire(&self.hostname, &report).map_err(|error| {
            tracing::error!(task.id = %self.task_id, %error, "a report cannot be written");
            Lost
        })?;
        let begun = Instant::now();
        for attempt in 1.. {
            match self.api.report(wire.clone()).await {
                Ok(answer) if answer.accepted => {
                    // Any attempt may be the one that was taken, and only that one gave the lease anew.
                    self.lease.extend(begun, self.lease_lasts);
                    return self.read_node(&answer.node_json);
                }
                Ok(_) => return Err(Lost),
                Err(error) if error.retryable() && begun.elapsed() < PATIENCE => {
                    tracing::warn!(task.id = %self.task_id, %error, attempt, "reporting again");
                    sleep(pause(attempt)).await;
                }
                Err(error) => {
                    tracing::error!(task.id = %self.task_id, %error, "a report is not accepted");
                    return Err(Lost);
                }
            }
        }
        Err(Lost)
    }

    /// Begins an attempt to boot; gives the URL of its artefacts, or none when the control plane is of an earlier version
    /// and gave one with the claim.
    ///
    /// Sending it again begins one more attempt and voids the one before, which nobody knows.
    pub async fn begin_boot(&self, purpose: BootPurpose) -> Result<Option<String>, Lost> {
        let message = v1::BeginBootRequest {
            hostname: self.hostname.clone(),
            task_id: self.task_id.to_string(),
            epoch: self.epoch,
            purpose: purpose.as_str().to_owned(),
        };
        let begun = Instant::now();
        for attempt in 1.. {
            match self.api.begin_boot(message.clone()).await {
                Ok(answer) if answer.accepted => return Ok(Some(answer.boot_url)),
                Ok(_) => return Err(Lost),
                Err(error) if error.retryable() && begun.elapsed() < PATIENCE => {
                    tracing::warn!(task.id = %self.task_id, %error, attempt, "asking again for a boot URL");
                    sleep(pause(attempt)).await;
                }
                Err(error) => {
                    tracing::info!(task.id = %self.task_id, %error, "booting under the URL of the task");
                    return Ok(None);
                }
            }
        }
        Err(Lost)
    }

    fn read_node(&self, node_json: &str) -> Result<Option<Node>, Lost> {
        if node_json.is_empty() {
            return Ok(None);
        }
        serde_json::from_str(node_json).map(Some).map_err(|error| {
            tracing::error!(task.id = %self.task_id, %error, "the node cannot be read");
            Lost
        })
    }
}

impl Ending {
    /// The task goes on.
    pub fn continues(event: Option<Event>, observed: Observed) -> Self {
        Self { outcome: TaskOutcome::Continues, event, observed }
    }

    /// The task ended well.
    pub fn succeeded(event: Option<Event>, observed: Observed) -> Self {
        Self { outcome: TaskOutcome::Succeeded { result: None }, event, observed }
    }

    /// The task ended well, with something to tell its caller.
    pub fn answer(result: Value) -> Self {
        Self {
            outcome: TaskOutcome::Succeeded { result: Some(result) },
            event: None,
            observed: Observed::default(),
        }
    }
}
