//! The agent's calls to the bare metal API: inspection report, version discovery, lookup, heartbeat.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::fetch::FetchFailure;

const VERSION_HEADER: &str = "X-OpenStack-Ironic-API-Version";
/// What this agent understands: lookup issues tokens since 1.62, heartbeats gained nothing used here after 1.68.
const LOOKUP_VERSION: Version = Version(1, 62);
const HEARTBEAT_VERSION: Version = Version(1, 68);
const CALL_TIMEOUT: Duration = Duration::from_secs(60);

/// The version this agent says it is.
pub(super) const AGENT_VERSION: &str = "13.0.0";

/// A microversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(pub u32, pub u32);

/// The API at one of its URLs; the last one that worked is asked first.
pub(super) struct Api {
    client: Client,
    urls: Vec<String>,
    favorite: AtomicUsize,
}

/// What lookup told the agent about itself.
#[derive(Debug)]
pub(super) struct Found {
    pub node_uuid: String,
    /// The token as sent: a new one, or asterisks when it was given out before.
    pub token: Option<String>,
}

impl Api {
    pub(super) fn new(client: Client, urls: Vec<String>) -> Self {
        Self { client, urls, favorite: AtomicUsize::new(0) }
    }

    /// Reports inspection data, without a version header as agents do; the answer names the node.
    pub(super) async fn report_inspection(
        &self,
        url: &str,
        data: &Value,
    ) -> Result<Option<String>, FetchFailure> {
        let answer = send(self.client.post(url).json(data)).await?;
        Ok(answer.get("uuid").and_then(Value::as_str).map(str::to_owned))
    }

    /// The newest microversion the API speaks.
    pub(super) async fn discover_version(&self) -> Result<Version, FetchFailure> {
        let root = self.call(|url| self.client.get(format!("{url}/"))).await?;
        let text = root.pointer("/default_version/version").or_else(|| root.pointer("/version/version"));
        text.and_then(Value::as_str)
            .and_then(Version::parse)
            .ok_or_else(|| FetchFailure::new("the API's root names no version"))
    }

    pub(super) async fn look_up(
        &self,
        version: Version,
        addresses: &[String],
        node_uuid: Option<&str>,
    ) -> Result<Found, FetchFailure> {
        let mut query = vec![("addresses", addresses.join(","))];
        query.extend(node_uuid.map(|uuid| ("node_uuid", uuid.to_owned())));
        let answer = self
            .call(|url| {
                self.client
                    .get(format!("{url}/v1/lookup"))
                    .query(&query)
                    .header(VERSION_HEADER, version.min(LOOKUP_VERSION).to_string())
            })
            .await?;
        let text = |pointer: &str| answer.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let node_uuid =
            text("/node/uuid").ok_or_else(|| FetchFailure::new("lookup answered without a node"))?;
        Ok(Found { node_uuid, token: text("/config/agent_token") })
    }

    pub(super) async fn heartbeat(
        &self,
        version: Version,
        node_uuid: &str,
        callback_url: &str,
        token: &str,
    ) -> Result<(), FetchFailure> {
        let body = json!({
            "callback_url": callback_url,
            "agent_version": AGENT_VERSION,
            "agent_token": token,
        });
        let version = version.min(HEARTBEAT_VERSION).to_string();
        self.call(|url| {
            self.client
                .post(format!("{url}/v1/heartbeat/{node_uuid}"))
                .header(VERSION_HEADER, &version)
                .json(&body)
        })
        .await
        .map(drop)
    }

    async fn call(&self, build: impl Fn(&str) -> RequestBuilder) -> Result<Value, FetchFailure> {
        let favorite = self.favorite.load(Ordering::Relaxed);
        let mut failure = FetchFailure::new("no API URL");
        for step in 0..self.urls.len() {
            let at = (favorite + step) % self.urls.len();
            match send(build(&self.urls[at])).await {
                // An answer is an answer; only a URL nobody answers at makes the agent try the next.
                Err(error) if error.status.is_none() => failure = error,
                outcome => {
                    self.favorite.store(at, Ordering::Relaxed);
                    return outcome;
                }
            }
        }
        Err(failure)
    }
}

async fn send(request: RequestBuilder) -> Result<Value, FetchFailure> {
    let response = request.header("Accept", "application/json").timeout(CALL_TIMEOUT).send().await?;
    let status = response.status();
    let body = response.bytes().await?;
    if !status.is_success() {
        let text = String::from_utf8_lossy(&body[..body.len().min(300)]).into_owned();
        return Err(FetchFailure {
            status: Some(status.as_u16()),
            reason: format!("status {status}: {text}"),
        });
    }
    if body.is_empty() || status == StatusCode::NO_CONTENT {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&body).map_err(|_| FetchFailure::new("the answer is not JSON"))
}

impl Version {
    fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.split_once('.')?;
        Some(Self(major.parse().ok()?, minor.parse().ok()?))
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}.{}", self.0, self.1)
    }
}
