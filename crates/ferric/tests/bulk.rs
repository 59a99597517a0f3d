//! Operations on many nodes while processes are killed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use ferric_db::testing::{Database, on_postgres, on_sqlite};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

/// Nodes of an operation.
const NODES: usize = 150;

/// A running program, killed with this value.
struct Running(Child);

impl Running {
    fn start(role: &str, settings: &[(&str, String)]) -> Self {
        let settings = settings.iter().map(|(key, value)| (format!("FERRIC__{key}"), value));
        let mut command = Command::new(env!("CARGO_BIN_EXE_ferric"));
        command.arg(role).env_clear().envs(settings).stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// One API process.
struct Api {
    rest: String,
    grpc: String,
    client: Client,
}

impl Api {
    fn new() -> Self {
        // Whoever comes second finds it installed.
        drop(rustls::crypto::ring::default_provider().install_default());
        Self { rest: free_address(), grpc: free_address(), client: Client::new() }
    }

    fn settings(&self, shared: &[(&'static str, String)]) -> Vec<(&'static str, String)> {
        let mut settings = shared.to_vec();
        settings.push(("API__LISTEN", self.rest.clone()));
        settings.push(("GRPC__LISTEN", self.grpc.clone()));
        settings.push(("GRPC__ENDPOINTS", format!("http://{}", self.grpc)));
        settings
    }

    async fn send(&self, method: &str, path: &str, body: &Value) -> reqwest::Result<Response> {
        let url = format!("http://{}/v1/{path}", self.rest);
        let request = self.client.request(method.parse().unwrap(), url);
        let request = request
            .header("X-OpenStack-Ironic-API-Version", "latest")
            .header("Content-Type", "application/json");
        request.body(body.to_string()).send().await?.error_for_status()
    }

    async fn get(&self, path: &str) -> Value {
        let text = self.send("GET", path, &Value::Null).await.unwrap().text().await.unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// Waits until it serves and knows a conductor.
    async fn until_ready(&self) {
        loop {
            if let Ok(answer) = self.send("GET", "drivers", &Value::Null).await
                && answer.text().await.is_ok_and(|text| text.contains("fake-hardware"))
            {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    async fn begin(&self, document: &Value) -> String {
        let begun = self.send("POST", "bulk", document).await.unwrap().text().await.unwrap();
        let begun: Value = serde_json::from_str(&begun).unwrap();
        begun["uuid"].as_str().unwrap().to_owned()
    }

    /// Watches an operation until `enough`.
    async fn watch(&self, uuid: &str, enough: impl Fn(&Value) -> bool) -> Value {
        let mut stream = self.send("GET", &format!("bulk/{uuid}/stream"), &Value::Null).await.unwrap();
        let mut text = String::new();
        while let Some(chunk) = stream.chunk().await.unwrap() {
            text.push_str(std::str::from_utf8(&chunk).unwrap());
            while let Some((event, rest)) = text.split_once("\n\n") {
                let operation =
                    event.strip_prefix("event: operation\ndata: ").map(serde_json::from_str::<Value>);
                text = rest.to_owned();
                if let Some(operation) = operation.map(Result::unwrap).filter(&enough) {
                    return operation;
                }
            }
        }
        panic!("the stream ended too early");
    }
}

fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

fn shared(database: &Database, bus: String) -> Vec<(&'static str, String)> {
    vec![
        ("DATABASE__URL", database.config.url.clone()),
        ("BUS__URL", bus),
        ("BUS__PREFIX", format!("bulk-{}", uuid::Uuid::new_v4().simple())),
        ("CONTROL__LEASE_SECS", "4".to_owned()),
        ("CONTROL__RENEW_SECS", "1".to_owned()),
        ("CONTROL__SWEEP_INTERVAL_SECS", "1".to_owned()),
        ("CONTROL__POWER_SYNC_INTERVAL_SECS", "0".to_owned()),
        ("CONDUCTOR__START_JITTER_MS", "0".to_owned()),
        ("CONDUCTOR__HEALTH_LISTEN", "127.0.0.1:0".to_owned()),
    ]
}

fn creation() -> Value {
    let node = |n| json!({"driver": "fake-hardware", "name": format!("n{n}"), "resource_class": "gold"});
    let documents: Vec<Value> = (0..NODES).map(node).collect();
    json!({"action": "create", "documents": documents})
}

fn managing() -> Value {
    json!({"action": "provision", "filter": {"resource_class": "gold"}, "target": "manage", "max_parallel": 1})
}

fn is_under_way(operation: &Value) -> bool {
    operation["items"]["succeeded"].as_u64() > Some(0)
}

fn has_ended(operation: &Value) -> bool {
    !operation["finished_at"].is_null()
}

/// Every node was verified, and once.
async fn check(api: &Api, operation: &Value) {
    assert_eq!((&operation["state"], &operation["items"]["succeeded"]), (&json!("succeeded"), &json!(NODES)));
    let nodes = api.get("nodes").await;
    let nodes = nodes["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), NODES);
    for node in nodes {
        assert_eq!(node["provision_state"], "manageable");
        let history = api.get(&format!("nodes/{}/history?detail=true", node["uuid"].as_str().unwrap())).await;
        let verified = |entry: &&Value| entry["event"].as_str().unwrap().contains("was verified");
        assert_eq!(history["history"].as_array().unwrap().iter().filter(verified).count(), 1, "{history}");
    }
}

#[tokio::test]
async fn the_only_process_is_killed_and_starts_again() {
    on_sqlite(async |database| {
        let (api, shared) = (Api::new(), shared(&database, "local:".to_owned()));
        let first = Running::start("all-in-one", &api.settings(&shared));
        api.until_ready().await;
        let created = api.begin(&creation()).await;
        api.watch(&created, has_ended).await;
        let managed = api.begin(&managing()).await;
        let before = api.watch(&managed, is_under_way).await;
        assert!(before["items"]["pending"].as_u64() > Some(0), "killed too late: {before}");
        drop(first);
        let _second = Running::start("all-in-one", &api.settings(&shared));
        api.until_ready().await;
        let ended = api.watch(&managed, has_ended).await;
        check(&api, &ended).await;
    })
    .await;
}

#[tokio::test]
async fn one_of_two_processes_is_killed() {
    let Ok(bus) = std::env::var("FERRIC_TEST_AMQP_URL") else {
        println!("skipped: FERRIC_TEST_AMQP_URL is not set");
        return;
    };
    on_postgres(async |database| {
        let shared = shared(&database, bus.clone());
        let (one, two) = (Api::new(), Api::new());
        let first = Running::start("api", &one.settings(&shared));
        let _second = Running::start("api", &two.settings(&shared));
        let _conductor = Running::start("conductor", &two.settings(&shared));
        one.until_ready().await;
        two.until_ready().await;
        let created = one.begin(&creation()).await;
        one.watch(&created, has_ended).await;
        let managed = one.begin(&managing()).await;
        let before = two.watch(&managed, is_under_way).await;
        assert!(before["items"]["pending"].as_u64() > Some(0), "killed too late: {before}");
        drop(first);
        let ended = two.watch(&managed, has_ended).await;
        check(&two, &ended).await;
    })
    .await;
}
