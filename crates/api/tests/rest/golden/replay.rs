//! Sending the recorded requests.

use super::compare::{differences, normalized};
use super::conductor;
use crate::in_process::InProcess;
use actix_web::test::TestRequest;
use ferric_api::{ApiConfig, AuthConfig, NoBootSource};
use ferric_control::Store;
use ferric_model::clock::SystemClock;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Headers of answers that are compared.
const HEADERS: [&str; 5] = [
    "x-openstack-ironic-api-version",
    "x-openstack-ironic-api-minimum-version",
    "x-openstack-ironic-api-maximum-version",
    "content-type",
    "location",
];

/// One server and what was said to it.
pub struct Replay {
    api: InProcess,
    worked: watch::Receiver<u64>,
    saved: BTreeMap<String, String>,
    differences: Vec<String>,
    compared: usize,
    stop: CancellationToken,
}

impl Drop for Replay {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Replay {
    /// A server over an empty database, with one conductor.
    pub async fn over(store: Store) -> Self {
        let (clock, config) = (Arc::new(SystemClock), ApiConfig::default());
        let auth = AuthConfig::default();
        let api = InProcess::over(store, clock, config, &auth, Arc::new(NoBootSource)).await;
        let stop = CancellationToken::new();
        let worked = conductor::start(Arc::clone(&api.control), Arc::clone(&api.bus)).await;
        let (relay, watching) = (Arc::clone(&api.control), Arc::clone(&api.control));
        let (relay_stop, watch_stop) = (stop.clone(), stop.clone());
        tokio::spawn(async move { relay.run_relay(relay_stop).await });
        tokio::spawn(async move { watching.run_watch(watch_stop).await });
        Self { api, worked, saved: BTreeMap::new(), differences: Vec::new(), compared: 0, stop }
    }

    /// Plays one line.
    pub async fn play(&mut self, line: Value) {
        let name = line["name"].as_str().unwrap().to_owned();
        if line.get("wait").is_some() {
            return self.wait(&name, &line["wait"], &line["headers"]).await;
        }
        let answer = self.send(&line["request"]).await;
        for (variable, path) in line["save"].as_object().into_iter().flatten() {
            if let Some(Value::String(text)) = at(&answer["body"], path.as_str().unwrap()) {
                self.saved.insert(variable.clone(), text.clone());
            }
        }
        if let Some(recorded) = line.get("response") {
            self.compared += 1;
            let before = self.differences.len();
            differences("", &normalized(recorded), &normalized(&answer), &mut self.differences);
            for difference in &mut self.differences[before..] {
                *difference = format!("{name}: {difference}");
            }
        }
    }

    /// How many answers were compared.
    pub fn compared(&self) -> usize {
        self.compared
    }

    /// What differs, one line each.
    pub fn differences(&self) -> &[String] {
        &self.differences
    }

    /// Waits until the conductor, or the search for nodes, has brought a field to one of the values.
    async fn wait(&mut self, name: &str, wait: &Value, headers: &Value) {
        let request = json!({"method": "GET", "path": wait["path"], "headers": headers});
        self.api.control.sweep_allocations().await.unwrap();
        loop {
            self.worked.borrow_and_update();
            let answer = self.send(&request).await;
            let value = &answer["body"][wait["field"].as_str().unwrap()];
            if wait["values"].as_array().unwrap().contains(value) {
                return;
            }
            self.worked
                .changed()
                .await
                .unwrap_or_else(|_| panic!("{name}: the conductor is gone at {value}"));
        }
    }

    async fn send(&self, request: &Value) -> Value {
        let method = request["method"].as_str().unwrap().parse().unwrap();
        let path = self.filled(request["path"].as_str().unwrap());
        let mut sent = TestRequest::with_uri(&path).method(method);
        for (name, value) in request["headers"].as_object().into_iter().flatten() {
            sent = sent.insert_header((name.as_str(), value.as_str().unwrap()));
        }
        if let Some(body) = request.get("body") {
            let text = match body.get("__raw__") {
                Some(raw) => raw.as_str().unwrap().to_owned(),
                None => self.filled(&body.to_string()),
            };
            sent = sent.set_payload(text);
        }
        let answer = self.api.send(sent).await;
        let found = |name: &&str| answer.header(name).map(|value| ((*name).to_owned(), Value::from(value)));
        let headers: Map<String, Value> = HEADERS.iter().filter_map(found).collect();
        let unread = answer.bytes.is_empty() || request["method"] == "HEAD";
        let body = if unread { Value::Null } else { answer.json() };
        json!({"status": answer.status.as_u16(), "headers": headers, "body": body})
    }

    fn filled(&self, text: &str) -> String {
        self.saved
            .iter()
            .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }
}

/// The value at a path of members and indices; `-1` is the last item.
fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, part| match value {
        Value::Array(items) if part == "-1" => items.last(),
        Value::Array(items) => items.get(part.parse::<usize>().ok()?),
        other => other.get(part),
    })
}
