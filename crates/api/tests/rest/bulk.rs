//! Operations on many nodes, over REST.

use crate::golden::conductor;
use crate::in_process::{Answered, InProcess};
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// An API with a conductor, and a process that visits operations.
struct Scene {
    api: InProcess,
    worked: watch::Receiver<u64>,
    stop: CancellationToken,
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Scene {
    async fn new() -> Self {
        let api = InProcess::new().await;
        let worked = conductor::start(Arc::clone(&api.control), Arc::clone(&api.bus)).await;
        let stop = CancellationToken::new();
        let (relay, relay_stop) = (Arc::clone(&api.control), stop.clone());
        tokio::spawn(async move { relay.run_relay(relay_stop).await });
        let (bulk, bulk_stop) = (Arc::clone(&api.control), stop.clone());
        tokio::spawn(async move { bulk.run_bulk(bulk_stop).await });
        Self { api, worked, stop }
    }

    async fn send(&self, method: &str, path: &str, body: &Value) -> Answered {
        let mut request = TestRequest::with_uri(path)
            .method(method.parse().unwrap())
            .insert_header(("X-OpenStack-Ironic-API-Version", "latest"));
        if !body.is_null() {
            request =
                request.insert_header(("Content-Type", "application/json")).set_payload(body.to_string());
        }
        self.api.send(request).await
    }

    async fn get(&self, path: &str) -> Value {
        self.send("GET", path, &Value::Null).await.json()
    }

    /// Begins an operation and waits for its end.
    async fn run(&self, body: Value) -> Value {
        let begun = self.send("POST", "/v1/bulk", &body).await;
        assert_eq!(begun.status, 202, "{}", String::from_utf8_lossy(&begun.bytes));
        let uuid = begun.json()["uuid"].as_str().unwrap().to_owned();
        assert_eq!(begun.header("Location"), Some(&format!("http://ferric.test/v1/bulk/{uuid}")[..]));
        let stream = self.send("GET", &format!("/v1/bulk/{uuid}/stream"), &Value::Null).await;
        assert_eq!(stream.header("Content-Type"), Some("text/event-stream"));
        let events = events(&stream);
        let (name, last) = events.last().unwrap();
        assert_eq!(name, "operation");
        let shown = self.get(&format!("/v1/bulk/{uuid}")).await;
        assert_eq!(last, &shown);
        let mut items: Vec<Value> =
            events.iter().filter(|(name, _)| name == "item").map(|(_, item)| item.clone()).collect();
        items.sort_by_key(|item| item["position"].as_i64());
        assert_eq!(self.get(&format!("/v1/bulk/{uuid}/items")).await["items"], json!(items));
        shown
    }
}

/// The events of a stream: names and data.
fn events(answer: &Answered) -> Vec<(String, Value)> {
    let text = String::from_utf8(answer.bytes.clone()).unwrap();
    let event = |event: &str| {
        let (name, data) = event.split_once('\n').unwrap();
        let data = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        (name.strip_prefix("event: ").unwrap().to_owned(), data)
    };
    text.trim_end().split("\n\n").map(event).collect()
}

#[actix_web::test]
async fn many_nodes_go_their_way_together() {
    let mut scene = Scene::new().await;
    let documents: Vec<Value> = (0..12)
        .map(|n| json!({"driver": "fake-hardware", "name": format!("n{n}"), "resource_class": "gold"}))
        .collect();
    let made = scene.run(json!({"action": "create", "documents": documents, "max_parallel": 5})).await;
    assert_eq!((&made["state"], &made["total"]), (&json!("succeeded"), &json!(12)));
    let patch = json!([{"op": "add", "path": "/extra/rack", "value": "r1"}]);
    let gold = json!({"resource_class": "gold"});
    let patched = scene.run(json!({"action": "patch", "filter": gold, "patch": patch})).await;
    assert_eq!(patched["items"]["succeeded"], 12);
    let managed = json!({"action": "provision", "filter": gold, "target": "manage", "max_parallel": 3});
    let managed = scene.run(managed).await;
    assert_eq!((&managed["state"], &managed["target"]), (&json!("succeeded"), &json!("manage")));
    let powered = json!({"action": "power", "nodes": ["n0", "n11", "n99"], "target": "power on"});
    let powered = scene.run(powered).await;
    assert_eq!(powered["state"], "failed");
    let failed =
        scene.get(&format!("/v1/bulk/{}/items?state=failed", powered["uuid"].as_str().unwrap())).await;
    assert_eq!(
        failed["items"][0]["error"],
        json!({"kind": "not_found", "text": "Node n99 could not be found."})
    );
    let nodes = scene.get("/v1/nodes/detail").await;
    for node in nodes["nodes"].as_array().unwrap() {
        assert_eq!((&node["provision_state"], &node["extra"]["rack"]), (&json!("manageable"), &json!("r1")));
    }
    assert_eq!(scene.get("/v1/nodes/n11").await["power_state"], "power on");
    assert!(*scene.worked.borrow_and_update() >= 14);
}

#[actix_web::test]
async fn operations_and_items_are_read_in_pages() {
    let scene = Scene::new().await;
    let names: Vec<String> = (0..5).map(|n| format!("n{n}")).collect();
    let patch = json!([{"op": "add", "path": "/extra/a", "value": 1}]);
    let mut uuids = Vec::new();
    for _ in 0..3 {
        let operation = scene.run(json!({"action": "patch", "nodes": names, "patch": patch})).await;
        uuids.push(operation["uuid"].clone());
    }
    let follow = async |page: Value| {
        let path = page["next"].as_str().unwrap().strip_prefix("http://ferric.test").unwrap().to_owned();
        scene.get(&path).await
    };
    let first = scene.get("/v1/bulk?limit=2&sort_key=created_at&sort_dir=desc").await;
    let second = follow(first.clone()).await;
    let shown = [&first["operations"][0], &first["operations"][1], &second["operations"][0]];
    assert_eq!(shown.map(|one| &one["uuid"]), [&uuids[2], &uuids[1], &uuids[0]]);
    assert_eq!(shown[0]["items"]["failed"], 5);
    let path = format!("/v1/bulk/{}/items", uuids[0].as_str().unwrap());
    let first = scene.get(&format!("{path}?limit=3&state=failed")).await;
    let second = follow(first.clone()).await;
    let positions = |page: &Value| -> Vec<i64> {
        page["items"].as_array().unwrap().iter().map(|item| item["position"].as_i64().unwrap()).collect()
    };
    assert_eq!((positions(&first), positions(&second)), (vec![0, 1, 2], vec![3, 4]));
    assert_eq!(second.get("next"), None);
    for (method, path, body, status) in [
        ("GET", format!("{path}?state=gone"), Value::Null, 400),
        ("GET", format!("{path}?limit=0"), Value::Null, 400),
        ("GET", "/v1/bulk/none".to_owned(), Value::Null, 400),
        ("GET", "/v1/bulk?sort_key=target".to_owned(), Value::Null, 400),
        ("GET", format!("/v1/bulk?marker={}", uuid::Uuid::new_v4()), Value::Null, 404),
        ("GET", format!("/v1/bulk/{}", uuid::Uuid::new_v4()), Value::Null, 404),
        ("DELETE", format!("/v1/bulk/{}", uuids[0].as_str().unwrap()), Value::Null, 409),
        ("POST", "/v1/bulk".to_owned(), json!({"action": "reboot"}), 400),
        (
            "POST",
            "/v1/bulk".to_owned(),
            json!({"action": "patch", "nodes": ["a"], "patch": patch, "max_parallel": 101}),
            400,
        ),
    ] {
        assert_eq!(scene.send(method, &path, &body).await.status.as_u16(), status, "{method} {path} {body}");
    }
}
