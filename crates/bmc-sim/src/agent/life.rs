//! An agent's life: inspect, look up, then heartbeat and work until the server goes down or the agent leaves.

use std::sync::Arc;
use std::time::Duration;

use super::api::{Api, Version};
use super::inventory;
use super::kernel::AgentParameters;
use super::registry::{Agent, Jobs};
use super::work;
use crate::clock;
use crate::fetch::FetchFailure;
use crate::fleet::Fleet;
use crate::power::Uptime;
use crate::state::{BootProgress, Running};

/// How often an inspection report is tried before the agent goes on without.
const INSPECTION_ATTEMPTS: u32 = 40;
/// How long a node is looked up before the agent gives up.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(600);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// What lookup answers when the token was given out before.
const TOKEN_KEPT_SECRET: &str = "******";
/// Shorter tokens are not taken for one.
const MIN_TOKEN_LENGTH: usize = 32;

/// Counts a living agent for as long as it exists.
pub(super) struct Alive {
    fleet: Arc<Fleet>,
    index: usize,
}

impl Alive {
    pub(super) fn begin(uptime: &Uptime) -> Option<Self> {
        uptime.update(|live| live.state.counters.agent_started())?;
        Some(Self { fleet: Arc::clone(&uptime.fleet), index: uptime.index })
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.fleet.update(self.index, |live| live.state.counters.agents_alive -= 1);
    }
}

pub(super) async fn live(uptime: Uptime, parameters: AgentParameters) {
    let Some(_alive) = Alive::begin(&uptime) else { return };
    let api = Api::new(uptime.fleet.http.clone(), parameters.api_urls.clone());
    let inspected = match &parameters.inspection_callback_url {
        Some(url) => inspect(&uptime, &api, url, parameters.boot_interface.as_deref()).await,
        None => None,
    };
    let look_up = look_up(&uptime, &api, inspected.as_deref());
    let Ok((version, found)) = tokio::time::timeout(LOOKUP_TIMEOUT, look_up).await else {
        return fail(&uptime, "no node was found by lookup");
    };
    let Some(token) = choose_token(parameters.token, found.token) else {
        return fail(&uptime, "the agent got no token and locked itself down");
    };
    let (agent, jobs) = Agent::new(uptime.clone(), found.node_uuid, token);
    let agent = Arc::new(agent);
    let registered = uptime.update(|live| {
        live.activity.agent = Some(Arc::clone(&agent));
        live.state.progress(BootProgress::OsRunning, &clock::now());
    });
    if registered.is_none() {
        return;
    }
    tokio::select! {
        () = heartbeats(&agent, &api, version) => {}
        () = run_jobs(&agent, jobs) => {}
        () = agent.left() => {}
    }
    uptime.update(|live| {
        live.activity.agent = None;
        live.state.running = Running::LiveImage;
    });
    tracing::info!(server = uptime.index, "the agent left");
}

/// The rules of section 3 of the protocol.
fn choose_token(own: Option<String>, told: Option<String>) -> Option<String> {
    match told {
        Some(told) if told != TOKEN_KEPT_SECRET && told.len() >= MIN_TOKEN_LENGTH => Some(told),
        _ => own,
    }
}

async fn inspect(uptime: &Uptime, api: &Api, url: &str, boot_interface: Option<&str>) -> Option<String> {
    let server = &uptime.fleet.servers[uptime.index];
    let data = inventory::report(&server.identity, server.model, boot_interface);
    let mut pause = FIRST_PAUSE;
    for _ in 0..INSPECTION_ATTEMPTS {
        match api.report_inspection(url, &data).await {
            Ok(uuid) => {
                uptime.update(|live| live.state.counters.inspections += 1);
                tracing::info!(server = uptime.index, uuid, "inspection reported");
                return uuid;
            }
            // The API answers 404 and 409 while the conductor still holds the node.
            Err(failure) if failure.is_passing() || matches!(failure.status, Some(404 | 409)) => {
                tracing::debug!(server = uptime.index, %failure, "inspection not taken yet");
            }
            Err(failure) => {
                tracing::warn!(server = uptime.index, %failure, "inspection refused");
                return None;
            }
        }
        pause = rest(uptime, pause).await;
    }
    None
}

async fn look_up(uptime: &Uptime, api: &Api, node_uuid: Option<&str>) -> (Version, super::api::Found) {
    let macs = &uptime.fleet.servers[uptime.index].identity.macs;
    let mut pause = FIRST_PAUSE;
    loop {
        let attempt = async {
            let version = api.discover_version().await?;
            Ok::<_, FetchFailure>((version, api.look_up(version, macs, node_uuid).await?))
        };
        match attempt.await {
            Ok(found) => {
                tracing::info!(server = uptime.index, node = found.1.node_uuid, "lookup succeeded");
                return found;
            }
            Err(failure) => tracing::debug!(server = uptime.index, %failure, "lookup failed"),
        }
        pause = rest(uptime, pause).await;
    }
}

/// Sleeps about this long and says how long to sleep next time.
async fn rest(uptime: &Uptime, pause: Duration) -> Duration {
    tokio::time::sleep(uptime.fleet.jittered(uptime.index, pause, 0.5..1.5)).await;
    (pause * 2).min(uptime.fleet.config.heartbeat_interval)
}

async fn heartbeats(agent: &Agent, api: &Api, version: Version) {
    let uptime = agent.uptime();
    let interval = uptime.fleet.config.heartbeat_interval;
    let mut retry = FIRST_PAUSE;
    loop {
        let sent = api.heartbeat(version, agent.node_uuid(), agent.callback_url(), agent.token()).await;
        let pause = match sent {
            Ok(()) => {
                uptime.update(|live| live.state.counters.heartbeats += 1);
                retry = FIRST_PAUSE;
                uptime.fleet.jittered(uptime.index, interval, 0.8..1.2)
            }
            Err(failure) => {
                tracing::debug!(server = uptime.index, %failure, "heartbeat not taken");
                let pause = uptime.fleet.jittered(uptime.index, retry, 0.5..1.5);
                retry = (retry * 2).min(interval);
                pause
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = agent.command_finished() => {}
        }
    }
}

async fn run_jobs(agent: &Agent, mut jobs: Jobs) {
    while let Some(job) = jobs.recv().await {
        work::perform(agent, job).await;
    }
}

pub(super) fn fail(uptime: &Uptime, why: &str) {
    tracing::warn!(server = uptime.index, why, "the agent is useless");
    uptime.update(|live| live.state.boot_failure = Some(why.to_owned()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_follow_the_protocol() {
        let (own, new) = (Some("o".repeat(43)), Some("n".repeat(43)));
        assert_eq!(choose_token(own.clone(), Some(TOKEN_KEPT_SECRET.to_owned())), own);
        assert_eq!(choose_token(own.clone(), new.clone()), new);
        assert_eq!(choose_token(None, new.clone()), new);
        assert_eq!(choose_token(own.clone(), Some("short".to_owned())), own);
        assert_eq!(choose_token(None, Some(TOKEN_KEPT_SECRET.to_owned())), None);
        assert_eq!(choose_token(None, None), None);
    }
}
