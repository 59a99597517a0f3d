//! What tests ask of nodes, in the words of the REST API.

use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};

use crate::rest::Rest;
use crate::wait::{DEADLINE, Look, wait_for};

/// An entry of a node's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// `INFO` or `ERROR`.
    pub severity: String,
    /// The state or action it belongs to.
    pub event_type: String,
    /// The whole text.
    pub event: String,
    /// The conductor it came from.
    pub conductor: Option<String>,
}

impl Rest {
    /// Creates a node and gives its UUID.
    pub async fn enroll(&self, node: &Value) -> anyhow::Result<String> {
        let created = self.post("/v1/nodes", node).await?;
        Ok(created["uuid"].as_str().context("a created node has no uuid")?.to_owned())
    }

    /// Reads a node.
    pub async fn node(&self, ident: &str) -> anyhow::Result<Value> {
        self.get(&format!("/v1/nodes/{ident}")).await
    }

    /// Asks for a provision state.
    pub async fn provision(&self, ident: &str, target: &str) -> anyhow::Result<()> {
        self.provision_with(ident, &json!({"target": target})).await
    }

    /// Asks for a provision state with arguments.
    pub async fn provision_with(&self, ident: &str, body: &Value) -> anyhow::Result<()> {
        self.put(&format!("/v1/nodes/{ident}/states/provision"), body).await.map(drop)
    }

    /// Asks for a provision state and waits until the node rests in `state`.
    pub async fn lead(&self, ident: &str, target: &str, state: &str) -> anyhow::Result<Value> {
        self.provision(ident, target).await?;
        self.wait_for_state(ident, state, DEADLINE).await
    }

    /// Puts a node into maintenance, or takes it out again.
    pub async fn maintain(&self, ident: &str, on: bool) -> anyhow::Result<()> {
        let path = format!("/v1/nodes/{ident}/maintenance");
        match on {
            true => self.put(&path, &json!({})).await.map(drop),
            false => self.delete(&path).await.map(drop),
        }
    }

    /// Sets a field of a node.
    pub async fn set(&self, ident: &str, path: &str, value: &Value) -> anyhow::Result<()> {
        let patch = json!([{"op": "add", "path": path, "value": value}]);
        self.patch(&format!("/v1/nodes/{ident}"), &patch).await.map(drop)
    }

    /// Removes a field of a node.
    pub async fn unset(&self, ident: &str, path: &str) -> anyhow::Result<()> {
        let patch = json!([{"op": "remove", "path": path}]);
        self.patch(&format!("/v1/nodes/{ident}"), &patch).await.map(drop)
    }

    /// Waits until nobody works on the node and it is in `state`.
    ///
    /// **Errors**: the deadline; or at once when it rests in a state of failure that is not the wanted one.
    pub async fn wait_for_state(
        &self,
        ident: &str,
        state: &str,
        deadline: Duration,
    ) -> anyhow::Result<Value> {
        wait_for(format!("node {ident} to be {state}"), deadline, async || {
            let node = self.node(ident).await?;
            let now = node["provision_state"].as_str().unwrap_or_default();
            if now != state && node["reservation"].is_null() && has_failed(&node) {
                bail!("node {ident} is '{now}' and not '{state}': {}", node["last_error"]);
            }
            let seen = format!(
                "'{now}', target {}, reserved by {}, last error {}",
                node["target_provision_state"], node["reservation"], node["last_error"]
            );
            let rests = now == state && node["reservation"].is_null();
            Ok(Look::when(rests, node, seen))
        })
        .await
    }

    /// The history of a node, oldest entry first.
    pub async fn history(&self, ident: &str) -> anyhow::Result<Vec<HistoryEntry>> {
        let answer = self.get(&format!("/v1/nodes/{ident}/history?detail=true")).await?;
        let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        let entries = answer["history"].as_array().context("the history is no list")?;
        Ok(entries
            .iter()
            .map(|entry| HistoryEntry {
                severity: text(entry, "severity"),
                event_type: text(entry, "event_type"),
                event: text(entry, "event"),
                conductor: entry["conductor"].as_str().map(str::to_owned),
            })
            .collect())
    }

    /// The MAC addresses of a node's ports, sorted.
    pub async fn port_addresses(&self, uuid: &str) -> anyhow::Result<Vec<String>> {
        let answer = self.get(&format!("/v1/ports?node={uuid}&detail=true")).await?;
        let ports = answer["ports"].as_array().context("the ports are no list")?;
        let mut addresses: Vec<String> =
            ports.iter().filter_map(|port| port["address"].as_str().map(str::to_owned)).collect();
        addresses.sort();
        Ok(addresses)
    }
}

/// Whether a node's last work failed and left it where failure leads.
pub fn has_failed(node: &Value) -> bool {
    let state = node["provision_state"].as_str().unwrap_or_default();
    state.ends_with("failed") || (!node["last_error"].is_null() && ["enroll", "error"].contains(&state))
}
