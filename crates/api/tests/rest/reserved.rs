//! Allocations, deploy templates and runbooks where no answer of a real Ironic was recorded.

use crate::golden::conductor;
use crate::in_process::{Answered, InProcess};
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// One request: its version, method, path and body, the status of its answer, and what its text ends with.
type Case = (&'static str, &'static str, &'static str, Value, u16, &'static str);

/// An API with a conductor and a node with the trait `CUSTOM_R`.
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
        let node = json!({"driver": "fake-hardware", "name": "n", "resource_class": "gold"});
        assert_eq!(send(&api, "latest", "POST", "/v1/nodes", &node).await.status, 201);
        let traits = json!({"traits": ["CUSTOM_R"]});
        assert_eq!(send(&api, "latest", "PUT", "/v1/nodes/n/traits", &traits).await.status, 204);
        Self { api, worked, stop }
    }

    /// Makes the node manageable.
    async fn manage(&mut self) {
        let manage = json!({"target": "manage"});
        let accepted = send(&self.api, "latest", "PUT", "/v1/nodes/n/states/provision", &manage).await;
        assert_eq!(accepted.status, 202);
        loop {
            self.worked.borrow_and_update();
            let node = send(&self.api, "latest", "GET", "/v1/nodes/n", &Value::Null).await.json();
            if node["provision_state"] == "manageable" {
                return;
            }
            self.worked.changed().await.unwrap();
        }
    }
}

async fn send(api: &InProcess, version: &str, method: &str, path: &str, body: &Value) -> Answered {
    let mut request = TestRequest::with_uri(path)
        .method(method.parse().unwrap())
        .insert_header(("X-OpenStack-Ironic-API-Version", version));
    if !body.is_null() {
        request = request.insert_header(("Content-Type", "application/json")).set_payload(body.to_string());
    }
    api.send(request).await
}

/// The text of a refusal, of whichever form.
fn text(answer: &Answered) -> String {
    let body = answer.json();
    let inner: Value = serde_json::from_str(body["error_message"].as_str().unwrap()).unwrap();
    let text = inner.get("faultstring").or(inner.get("description")).unwrap();
    text.as_str().unwrap().to_owned()
}

async fn check(api: &InProcess, cases: Vec<Case>) {
    for (version, method, path, body, status, ends) in cases {
        let answer = send(api, version, method, path, &body).await;
        let said = if status < 300 { String::new() } else { text(&answer) };
        let name = format!("{method} {path} {body} at {version}");
        assert_eq!(answer.status.as_u16(), status, "{name}: {said}");
        assert!(said.ends_with(ends), "{name}: {said}");
    }
}

#[actix_web::test]
async fn each_resource_began_with_a_version() {
    let scene = Scene::new().await;
    let api = &scene.api;
    let steps = json!([{"interface": "bios", "step": "s", "order": 1}]);
    let allocations = "The API version does not allow allocations";
    let class = json!({"resource_class": "gold"});
    check(
        api,
        vec![
            ("1.51", "GET", "/v1/allocations", Value::Null, 404, allocations),
            ("1.51", "POST", "/v1/allocations", class.clone(), 405, allocations),
            ("1.51", "DELETE", "/v1/allocations/a", Value::Null, 405, allocations),
            ("1.51", "GET", "/v1/nodes/n/allocation", Value::Null, 404, ""),
            (
                "1.52",
                "GET",
                "/v1/nodes/n/allocation",
                Value::Null,
                404,
                "Allocation for node n was not found",
            ),
            ("1.52", "GET", "/v1/nodes/x/allocation", Value::Null, 400, "Node x could not be found."),
            ("1.52", "DELETE", "/v1/nodes/x/allocation", Value::Null, 404, "Node x could not be found."),
            ("1.56", "PATCH", "/v1/allocations/a", json!([]), 405, "does not allow updating allocations"),
            ("1.57", "PATCH", "/v1/allocations/a", json!([]), 404, "Allocation a could not be found."),
            ("1.57", "POST", "/v1/allocations", json!({"node": "n"}), 400, "('node' was unexpected)"),
            ("1.59", "GET", "/v1/allocations?owner=p", Value::Null, 406, ""),
            ("1.59", "GET", "/v1/allocations?fields=owner", Value::Null, 406, ""),
            ("1.59", "POST", "/v1/allocations", json!({"resource_class": "c", "owner": "p"}), 406, ""),
            ("1.60", "GET", "/v1/allocations?owner=p&fields=owner", Value::Null, 200, ""),
            ("1.60", "GET", "/v1/allocations?detail=true", Value::Null, 400, "Unexpected arguments: detail"),
            ("1.60", "GET", "/v1/allocations?node=x", Value::Null, 400, "Node x could not be found."),
            ("1.54", "GET", "/v1/deploy_templates", Value::Null, 404, "does not allow deploy templates"),
            ("1.54", "POST", "/v1/deploy_templates", json!({}), 405, "does not allow deploy templates"),
            ("1.91", "DELETE", "/v1/runbooks/r", Value::Null, 405, "The API version does not allow runbooks"),
            ("1.111", "PUT", "/v1/runbooks/r/traits/CUSTOM_R", Value::Null, 404, "allow runbook traits"),
            (
                "1.111",
                "POST",
                "/v1/runbooks",
                json!({"name": "r", "steps": steps}),
                400,
                "'^CUSTOM_[A-Z0-9_]+$'",
            ),
            (
                "1.111",
                "GET",
                "/v1/runbooks?fields=traits",
                Value::Null,
                400,
                "Field(s) \"traits\" are not valid",
            ),
            (
                "1.112",
                "POST",
                "/v1/runbooks",
                json!({"name": "r", "steps": steps, "description": "d"}),
                201,
                "",
            ),
            (
                "1.111",
                "PATCH",
                "/v1/runbooks/r",
                json!([{"op": "remove", "path": "/description"}]),
                400,
                "public, steps",
            ),
        ],
    )
    .await;
    let old = send(api, "1.111", "GET", "/v1/runbooks/r", &Value::Null).await.json();
    assert_eq!((old.get("description"), old.get("traits")), (None, None));
    let new = send(api, "1.112", "GET", "/v1/runbooks/r", &Value::Null).await.json();
    assert_eq!((&new["description"], &new["traits"]), (&json!("d"), &json!([])));
}

#[actix_web::test]
async fn a_runbook_stands_in_for_steps_where_steps_are_taken() {
    let mut scene = Scene::new().await;
    let api = &scene.api;
    let steps = json!([{"interface": "bios", "step": "s", "order": 1}]);
    let forbidden = json!([{"interface": "vendor", "step": "send_raw", "order": 1}]);
    for (name, steps) in [("CUSTOM_R", &steps), ("raw", &forbidden)] {
        let made = send(api, "1.112", "POST", "/v1/runbooks", &json!({"name": name, "steps": steps})).await;
        assert_eq!(made.status, 201);
    }
    let states = "/v1/nodes/n/states/provision";
    let clean = |name: &str| json!({"target": "clean", "runbook": name});
    let both = json!({"target": "clean", "runbook": "CUSTOM_R", "clean_steps": [{"interface": "bios", "step": "s"}]});
    let cases = vec![
        ("1.92", "PUT", states, clean("CUSTOM_R"), 400, "while it is in state \"enroll\"."),
        (
            "1.92",
            "PUT",
            states,
            json!({"target": "manage", "runbook": "CUSTOM_R"}),
            400,
            "manual cleaning or servicing",
        ),
    ];
    check(api, cases).await;
    scene.manage().await;
    check(
        &scene.api,
        vec![
            ("1.91", "PUT", states, clean("CUSTOM_R"), 406, ""),
            ("1.92", "PUT", states, clean("nobody"), 404, "Runbook nobody could not be found."),
            ("1.92", "PUT", states, clean("raw"), 400, "to add it to your node traits."),
            ("1.112", "PUT", states, clean("CUSTOM_R"), 400, "to add traits to the runbook."),
            ("1.112", "PUT", "/v1/runbooks/raw/traits/CUSTOM_R", Value::Null, 204, ""),
            ("1.112", "PUT", states, clean("raw"), 400, "Step vendor.send_raw is not allowed for clean."),
            (
                "1.92",
                "PUT",
                states,
                both,
                400,
                "Please provide either \"clean_steps\" or a runbook, but not both.",
            ),
            ("1.92", "PUT", states, clean("CUSTOM_R"), 202, ""),
        ],
    )
    .await;
}

#[actix_web::test]
async fn the_suffix_of_old_clients_is_part_of_a_name_if_need_be() {
    let scene = Scene::new().await;
    let api = &scene.api;
    for name in ["a", "b.json"] {
        let body = json!({"name": name, "resource_class": "gold"});
        assert_eq!(send(api, "1.90", "POST", "/v1/allocations", &body).await.status, 201);
    }
    check(
        api,
        vec![
            ("1.90", "GET", "/v1/allocations/a.json", Value::Null, 200, ""),
            ("1.91", "GET", "/v1/allocations/a.json", Value::Null, 404, "a.json could not be found."),
            ("1.90", "DELETE", "/v1/allocations/b.json", Value::Null, 204, ""),
            ("1.90", "DELETE", "/v1/allocations/a.json", Value::Null, 204, ""),
            ("1.90", "GET", "/v1/allocations/a", Value::Null, 404, "Allocation a could not be found."),
        ],
    )
    .await;
}
