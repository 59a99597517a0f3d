//! A client of the REST API like any other.

use anyhow::{Context, bail};
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// Talks to the API with one microversion.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
}

/// A node as the demo looks at it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct NodeView {
    /// Its name.
    pub name: String,
    /// Its provision state.
    pub provision_state: String,
    /// Its power state.
    pub power_state: Option<String>,
    /// How the last work failed.
    pub last_error: Option<String>,
    /// The clean step that runs.
    pub clean_step: Value,
    /// The deploy step that runs.
    pub deploy_step: Value,
}

/// An entry of a node's history.
#[derive(Debug, Clone)]
pub struct HistoryView {
    /// When it was written.
    pub at: String,
    /// How bad it is.
    pub severity: String,
    /// The whole text.
    pub event: String,
}

const MICROVERSION: &str = "1.115";

impl Client {
    /// A client of the API at `base`.
    pub fn new(base: &str) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?;
        Ok(Self { http, base: base.trim_end_matches('/').to_owned() })
    }

    /// Waits until the API serves and a conductor has joined.
    pub async fn wait_until_ready(&self) -> anyhow::Result<()> {
        let ready = async {
            loop {
                if let Ok(answer) = self.call(Method::GET, "/v1/drivers", None).await
                    && answer["drivers"].as_array().is_some_and(|drivers| !drivers.is_empty())
                {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), ready).await.context("the API did not come up")
    }

    /// Enrolls a node with one port.
    pub async fn enroll(&self, node: &Value, address: &str) -> anyhow::Result<()> {
        let created = self.call(Method::POST, "/v1/nodes", Some(node)).await?;
        let port = json!({"node_uuid": created["uuid"], "address": address, "pxe_enabled": true});
        self.call(Method::POST, "/v1/ports", Some(&port)).await?;
        Ok(())
    }

    /// Asks for a provision state.
    pub async fn provision(&self, name: &str, target: &str) -> anyhow::Result<()> {
        let path = format!("/v1/nodes/{name}/states/provision");
        self.call(Method::PUT, &path, Some(&json!({"target": target}))).await.map(drop)
    }

    /// Says what a node is to run.
    pub async fn set_instance_info(&self, name: &str, info: &Value) -> anyhow::Result<()> {
        let patch = json!([{"op": "add", "path": "/instance_info", "value": info}]);
        self.call(Method::PATCH, &format!("/v1/nodes/{name}"), Some(&patch)).await.map(drop)
    }

    /// All nodes, in the order of their enrollment.
    pub async fn nodes(&self) -> anyhow::Result<Vec<NodeView>> {
        let fields = "name,provision_state,power_state,last_error,clean_step,deploy_step";
        let mut answer = self.call(Method::GET, &format!("/v1/nodes?fields={fields}"), None).await?;
        Ok(serde_json::from_value(answer["nodes"].take())?)
    }

    /// The history of a node, oldest first.
    pub async fn history(&self, name: &str) -> anyhow::Result<Vec<HistoryView>> {
        let answer = self.call(Method::GET, &format!("/v1/nodes/{name}/history?detail=true"), None).await?;
        let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        let entries = answer["history"].as_array().cloned().unwrap_or_default();
        Ok(entries
            .iter()
            .map(|entry| HistoryView {
                at: text(entry, "created_at").chars().take(19).collect(),
                severity: text(entry, "severity"),
                event: text(entry, "event"),
            })
            .collect())
    }

    /// Sends a request; a busy node is asked again, as every client of this API does.
    async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let mut attempts = 0;
        loop {
            let mut request = self.http.request(method.clone(), format!("{}{path}", self.base));
            request = request.header("X-OpenStack-Ironic-API-Version", MICROVERSION);
            if let Some(body) = body {
                request = request.json(body);
            }
            let answer = request.send().await.with_context(|| format!("{method} {path}"))?;
            let status = answer.status();
            let text = answer.text().await?;
            if status == StatusCode::CONFLICT && attempts < 20 {
                attempts += 1;
                tokio::time::sleep(Duration::from_millis(200)).await;
                continue;
            }
            if !status.is_success() {
                bail!("{method} {path} was answered {status}: {text}");
            }
            return Ok(if text.is_empty() { Value::Null } else { serde_json::from_str(&text)? });
        }
    }
}
