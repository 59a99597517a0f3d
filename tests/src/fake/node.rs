//! A fake node with its verbs, and its ramdisk, whose part the test plays.

use std::sync::Mutex;
use std::sync::PoisonError;

use anyhow::Context;
use serde_json::{Value, json};
use uuid::Uuid;

use super::prompter::Prompter;
use crate::rest::Rest;
use crate::wait::DEADLINE;

/// Where the agent that nobody asks anything says that it listens.
const CALLBACK_URL: &str = "http://127.0.0.1:9999";

/// A fake node.
#[derive(Debug)]
pub struct FakeNode {
    /// Its identity.
    pub uuid: String,
    rest: Rest,
    token: Mutex<Option<String>>,
}

impl FakeNode {
    /// Enrolls a node that asks the prompter; it is not cleaned unless somebody asks for it.
    pub async fn enroll(rest: &Rest, prompter: &Prompter, ramdisk: bool) -> anyhow::Result<Self> {
        let node = json!({
            "driver": "fake-hardware",
            "automated_clean": false,
            "driver_info": {"fake_script": prompter.address(), "fake_ramdisk": ramdisk},
        });
        let uuid = rest.enroll(&node).await?;
        Ok(Self { uuid, rest: rest.clone(), token: Mutex::default() })
    }

    /// Asks for a provision state and waits until the node rests in `state`.
    pub async fn lead(&self, verb: &str, state: &str) -> anyhow::Result<Value> {
        self.lead_with(&json!({"target": verb}), state).await
    }

    /// The same with arguments.
    pub async fn lead_with(&self, body: &Value, state: &str) -> anyhow::Result<Value> {
        self.rest.provision_with(&self.uuid, body).await?;
        self.rests(state).await
    }

    /// Waits until the node rests in `state`.
    pub async fn rests(&self, state: &str) -> anyhow::Result<Value> {
        self.rest.wait_for_state(&self.uuid, state, DEADLINE).await
    }

    /// Its ramdisk says that it lives: one that was just booted gets its token first.
    pub async fn heartbeat(&self) -> anyhow::Result<()> {
        let found = self.rest.get(&format!("/v1/lookup?node_uuid={}", self.uuid)).await?;
        let given = found["config"]["agent_token"].as_str().context("the lookup gave no token")?.to_owned();
        let token = {
            let mut known = self.token.lock().unwrap_or_else(PoisonError::into_inner);
            if !given.starts_with('*') {
                *known = Some(given);
            }
            known.clone().context("the token was given to somebody else")?
        };
        let body = json!({"callback_url": CALLBACK_URL, "agent_version": "13.0.0", "agent_token": token});
        self.rest.post(&format!("/v1/heartbeat/{}", self.uuid), &body).await.map(drop)
    }

    /// Its ramdisk sends what it found.
    pub async fn send_inventory(&self) -> anyhow::Result<()> {
        let seed = self.uuid.parse::<Uuid>()?.into_bytes();
        let mac = format!("52:54:00:{:02x}:{:02x}:{:02x}", seed[0], seed[1], seed[2]);
        let data = json!({"inventory": {"interfaces": [{"name": "eth0", "mac_address": mac}]}});
        let path = format!("/v1/continue_inspection?node_uuid={}", self.uuid);
        self.rest.post(&path, &data).await.map(drop)
    }

    /// Sets a key of its `driver_info`.
    pub async fn tell(&self, key: &str, value: &Value) -> anyhow::Result<()> {
        self.rest.set(&self.uuid, &format!("/driver_info/{key}"), value).await
    }
}

/// A step as a request names it, from `interface.step`, with the arguments that it cannot do without.
pub fn step(label: &str) -> Value {
    let (interface, name) = label.split_once('.').unwrap_or(("deploy", label));
    let args = match label {
        "firmware.update" => json!({"settings": [{"component": "bmc", "url": "http://127.0.0.1/firmware"}]}),
        _ => json!({}),
    };
    json!({"interface": interface, "step": name, "args": args})
}
