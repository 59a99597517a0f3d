//! Being a member of the control plane: joining, saying that one lives, leaving.

use crate::ConductorError;
use crate::api_client::ApiClient;
use crate::backoff::{jittered, pause};
use crate::lease::Leases;
use crate::status::ConductorStatus;
use ferric_proto::v1;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

/// The conductor as the control plane knows it.
#[derive(Debug)]
pub struct Membership {
    api: Arc<ApiClient>,
    leases: Arc<Leases>,
    status: ConductorStatus,
    /// Host name: identity.
    pub hostname: String,
    /// Random value of this process.
    pub incarnation: String,
    group: String,
    drivers_json: String,
    unknown: Notify,
}

/// How leases work here.
#[derive(Debug, Clone, Copy)]
struct Terms {
    lease: Duration,
    renew: Duration,
}

impl Membership {
    /// Somebody who has not joined yet.
    pub fn new(
        api: Arc<ApiClient>,
        leases: Arc<Leases>,
        status: ConductorStatus,
        hostname: String,
        group: String,
        drivers_json: String,
    ) -> Self {
        let incarnation = uuid::Uuid::new_v4().to_string();
        Self { api, leases, status, hostname, incarnation, group, drivers_json, unknown: Notify::new() }
    }

    /// Joins, then renews, until dropped; `joined` is told each time.
    pub async fn run(&self, joined: &Notify) {
        loop {
            let terms = self.join().await;
            joined.notify_one();
            self.renew_while_known(terms).await;
        }
    }

    /// Somebody was told that the control plane does not know the conductor: look at once.
    pub fn suspect(&self) {
        self.unknown.notify_one();
    }

    /// Leaves; a control plane that does not hear it finds out by the silence.
    pub async fn leave(&self) {
        let message =
            v1::LeaveRequest { hostname: self.hostname.clone(), incarnation: self.incarnation.clone() };
        match self.api.leave(message).await {
            Ok(_) => tracing::info!(conductor = %self.hostname, "left"),
            Err(error) => tracing::warn!(conductor = %self.hostname, %error, "could not say goodbye"),
        }
        self.status.set_joined(None);
    }

    /// Tries until the control plane takes the conductor in.
    async fn join(&self) -> Terms {
        for attempt in 1.. {
            let asked_at = Instant::now();
            match self.api.join(self.join_request()).await {
                Ok(answer) if answer.wait_ms > 0 => {
                    tracing::debug!(conductor = %self.hostname, wait_ms = answer.wait_ms, "others join first");
                    sleep(Duration::from_millis(u64::from(answer.wait_ms))).await;
                }
                Ok(answer) => {
                    let terms = Terms {
                        lease: Duration::from_secs(u64::from(answer.lease_secs.max(1))),
                        renew: Duration::from_secs(u64::from(answer.renew_secs.max(1))),
                    };
                    self.status.set_joined(Some(asked_at + terms.lease));
                    tracing::info!(conductor = %self.hostname, group = %self.group, attempt, "joined");
                    return terms;
                }
                Err(error) => {
                    tracing::warn!(conductor = %self.hostname, %error, attempt, "cannot join yet");
                    sleep(pause(attempt)).await;
                }
            }
        }
        // The loop above ends only by joining.
        std::future::pending().await
    }

    /// Renews until the control plane says that it does not know this process.
    async fn renew_while_known(&self, terms: Terms) {
        let mut failures = 0;
        loop {
            let wait = if failures == 0 { jittered(terms.renew) } else { pause(failures).min(terms.renew) };
            tokio::select! {
                () = sleep(wait) => {}
                () = self.unknown.notified() => {}
            }
            match self.renew(terms).await {
                Ok(true) => failures = 0,
                Ok(false) => {
                    tracing::warn!(conductor = %self.hostname, "not known any more, joining again");
                    self.status.set_joined(None);
                    return;
                }
                Err(error) => {
                    failures += 1;
                    tracing::warn!(conductor = %self.hostname, %error, failures, "could not renew");
                }
            }
        }
    }

    /// Whether the control plane knows this process.
    async fn renew(&self, terms: Terms) -> Result<bool, ConductorError> {
        let asked = self.leases.list();
        let asked_at = Instant::now();
        let leases = asked
            .iter()
            .map(|(task_id, epoch)| v1::TaskLease { task_id: task_id.to_string(), epoch: *epoch })
            .collect();
        let message = v1::RenewRequest {
            hostname: self.hostname.clone(),
            incarnation: self.incarnation.clone(),
            leases,
        };
        let answer = self.api.renew(message).await?;
        let held: HashSet<_> = answer.held.iter().filter_map(|task_id| task_id.parse().ok()).collect();
        self.leases.renewed(&asked, &held, asked_at, terms.lease);
        if answer.known {
            self.status.set_joined(Some(asked_at + terms.lease));
        }
        Ok(answer.known)
    }

    fn join_request(&self) -> v1::JoinRequest {
        v1::JoinRequest {
            hostname: self.hostname.clone(),
            conductor_group: self.group.clone(),
            incarnation: self.incarnation.clone(),
            drivers_json: self.drivers_json.clone(),
            can_wait: true,
        }
    }
}
