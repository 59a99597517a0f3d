//! What the recorded answers do not show of portgroups.

use crate::golden::conductor;
use crate::in_process::{Answered, InProcess};
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use std::sync::Arc;

async fn send(api: &InProcess, method: &str, path: &str, body: Value) -> Answered {
    let request = TestRequest::with_uri(path)
        .method(method.parse().unwrap())
        .insert_header(("X-OpenStack-Ironic-API-Version", "latest"));
    api.send(if body.is_null() { request } else { request.set_json(body) }).await
}

async fn made(api: &InProcess, path: &str, body: Value) -> String {
    let answer = send(api, "POST", path, body).await;
    assert_eq!(answer.status, 201, "{path}");
    answer.json()["uuid"].as_str().unwrap().to_owned()
}

/// Status and text of a refusal.
fn refusal(answer: &Answered) -> (u16, String) {
    let inner: Value = serde_json::from_str(answer.json()["error_message"].as_str().unwrap()).unwrap();
    (answer.status.as_u16(), inner["faultstring"].as_str().unwrap().to_owned())
}

#[actix_web::test]
async fn ports_and_their_portgroup_stay_on_one_node() {
    let api = InProcess::new().await;
    let _worked = conductor::start(Arc::clone(&api.control), Arc::clone(&api.bus)).await;
    let node = json!({"driver": "fake-hardware"});
    let (here, there) = (made(&api, "/v1/nodes", node.clone()).await, made(&api, "/v1/nodes", node).await);
    let bond = made(&api, "/v1/portgroups", json!({"node_uuid": here, "name": "bond0"})).await;
    let lone = made(&api, "/v1/ports", json!({"node_uuid": there, "address": "52:54:00:00:00:01"})).await;
    let member = json!({"node_uuid": here, "address": "52:54:00:00:00:02", "portgroup_uuid": bond});
    let member = made(&api, "/v1/ports", member).await;

    let replace = |path: &str, value: &str| json!([{"op": "replace", "path": path, "value": value}]);
    let elsewhere = (400, "Port can not be added to a portgroup belonging to a different node.".to_owned());
    for (port, patch) in
        [(&lone, replace("/portgroup_uuid", &bond)), (&member, replace("/node_uuid", &there))]
    {
        let answer = send(&api, "PATCH", &format!("/v1/ports/{port}"), patch).await;
        assert_eq!(refusal(&answer), elsewhere);
    }
    let moved = send(&api, "PATCH", "/v1/portgroups/bond0", replace("/node_uuid", &there)).await;
    assert_eq!(moved.status, 400);
    assert_eq!(
        refusal(&send(&api, "DELETE", "/v1/portgroups/bond0", Value::Null).await),
        (400, format!("Cannot complete the requested action because portgroup {bond} contains ports."))
    );

    let listed = send(&api, "GET", "/v1/portgroups/bond0/ports?limit=1", Value::Null).await.json();
    assert_eq!(listed["ports"][0]["uuid"], Value::from(member.as_str()));
    assert!(listed["next"].as_str().unwrap().contains("/v1/portgroups/bond0/ports?"));

    let both = json!([{"op": "remove", "path": "/portgroup_uuid"},
        {"op": "replace", "path": "/node_uuid", "value": there}]);
    assert_eq!(send(&api, "PATCH", &format!("/v1/ports/{member}"), both).await.status, 200);
    let moved = send(&api, "PATCH", "/v1/portgroups/bond0", replace("/node_uuid", &there)).await;
    assert_eq!((moved.status.as_u16(), &moved.json()["node_uuid"]), (200, &Value::from(there.as_str())));
    assert_eq!(send(&api, "DELETE", "/v1/portgroups/bond0", Value::Null).await.status, 204);
}

#[actix_web::test]
async fn a_portgroup_that_is_emptied_has_its_defaults_back() {
    let api = InProcess::new().await;
    let _worked = conductor::start(Arc::clone(&api.control), Arc::clone(&api.bus)).await;
    let node = made(&api, "/v1/nodes", json!({"driver": "fake-hardware", "name": "n"})).await;
    let full = json!({"node_uuid": node, "standalone_ports_supported": null, "physical_network": "a"});
    let bond = made(&api, "/v1/portgroups", full).await;
    let member = json!({"node_uuid": node, "address": "52:54:00:00:00:01", "portgroup_uuid": bond,
        "physical_network": "a"});
    let member = made(&api, "/v1/ports", member).await;
    let patch = json!([
        {"op": "replace", "path": "/standalone_ports_supported", "value": false},
        {"op": "remove", "path": "/standalone_ports_supported"},
        {"op": "remove", "path": "/physical_network"}
    ]);
    let patched = send(&api, "PATCH", &format!("/v1/portgroups/{bond}"), patch).await.json();
    assert_eq!(patched["standalone_ports_supported"], true);
    assert_eq!(patched["physical_network"], Value::Null);
    let member = send(&api, "GET", &format!("/v1/ports/{member}"), Value::Null).await.json();
    assert_eq!(member["physical_network"], Value::Null);

    let refused = json!({"node_uuid": node, "name": "0c7a2a2b-6f4e-4f3d-8a1c-3f0a6a0b1c2d"});
    assert_eq!(send(&api, "POST", "/v1/portgroups", refused).await.status, 400);
    let filters = send(&api, "GET", "/v1/portgroups?node=n&conductor_groups=&shard=", Value::Null).await;
    assert_eq!(filters.json()["portgroups"][0]["uuid"], Value::from(bond.as_str()));
}

#[actix_web::test]
async fn a_portgroup_stays_as_it_is_while_a_task_holds_its_node() {
    let api = InProcess::new().await;
    let _worked = conductor::start(Arc::clone(&api.control), Arc::clone(&api.bus)).await;
    // The conductor of these tests never ends the tasks of a node of this name.
    let node = made(&api, "/v1/nodes", json!({"driver": "fake-hardware", "name": "hung"})).await;
    let bond = made(&api, "/v1/portgroups", json!({"node_uuid": node})).await;
    let manage = json!({"target": "manage"});
    assert_eq!(send(&api, "PUT", "/v1/nodes/hung/states/provision", manage).await.status, 202);
    let patch = json!([{"op": "add", "path": "/extra/a", "value": 1}]);
    let path = format!("/v1/portgroups/{bond}");
    assert_eq!(send(&api, "PATCH", &path, patch).await.status, 409);
    assert_eq!(send(&api, "DELETE", &path, Value::Null).await.status, 409);
    assert_eq!(send(&api, "GET", &path, Value::Null).await.json()["extra"], json!({}));
}
