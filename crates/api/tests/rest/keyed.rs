//! Requests that are sent again under a key.

use crate::golden::conductor;
use crate::in_process::{Answered, InProcess};
use actix_web::test::TestRequest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ferric_api::{ApiConfig, AuthConfig, AuthStrategy, NoBootSource};
use ferric_control::{Actor, Keyed, KeyedOutcome, RequestContext};
use ferric_model::clock::{Clock, ManualClock, SystemClock};
use futures::future::join_all;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::sync::Arc;
use time::Duration;
use uuid::Uuid;

async fn at(clock: &Arc<ManualClock>, auth: &AuthConfig) -> InProcess {
    let api = InProcess::at(clock.clone(), ApiConfig::default(), auth, Arc::new(NoBootSource)).await;
    conductor::join(&api.control).await;
    api
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(SystemClock.now()))
}

async fn post(api: &InProcess, path: &str, key: &str, body: &Value) -> Answered {
    let request = TestRequest::post()
        .uri(path)
        .insert_header(("X-OpenStack-Ironic-API-Version", "1.115"))
        .insert_header(("Content-Type", "application/json"))
        .insert_header(("Idempotency-Key", key))
        .set_payload(body.to_string());
    api.send(request).await
}

async fn count(api: &InProcess) -> usize {
    api.get("/v1/nodes").await.json()["nodes"].as_array().unwrap().len()
}

fn text(answer: &Answered) -> String {
    let inner: Value = serde_json::from_str(answer.json()["error_message"].as_str().unwrap()).unwrap();
    inner["faultstring"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn a_key_is_answered_the_same_until_it_expires() {
    let clock = clock();
    let api = at(&clock, &AuthConfig::default()).await;
    let body = json!({"driver": "fake-hardware", "extra": {"a": 1}});
    let first = post(&api, "/v1/nodes", "k1", &body).await;
    assert_eq!(first.status, 201);
    let again = post(&api, "/v1/nodes", "k1", &json!({"extra": {"a": 1}, "driver": "fake-hardware"})).await;
    assert_eq!((again.status, &again.bytes), (first.status, &first.bytes));
    assert_eq!(again.header("Location"), first.header("Location"));
    assert_eq!(count(&api).await, 1);
    let other = post(&api, "/v1/nodes", "k1", &json!({"driver": "fake-hardware"})).await;
    assert_eq!(other.status, 422);
    assert_eq!(
        text(&other),
        "The Idempotency-Key was used for another request: use another key for this one."
    );
    assert_eq!(post(&api, "/v1/chassis", "k1", &json!({})).await.status, 422);
    assert_eq!(post(&api, "/v1/nodes", "k2", &body).await.status, 201);
    for wrong in ["", "ü", &"k".repeat(256)] {
        assert_eq!(post(&api, "/v1/nodes", wrong, &body).await.status, 400, "{wrong}");
    }
    // What was refused has changed nothing, and may be mended.
    assert_eq!(post(&api, "/v1/nodes", "k3", &json!({"driver": "none-such"})).await.status, 400);
    assert_eq!(post(&api, "/v1/nodes", "k3", &body).await.status, 201);
    assert_eq!(count(&api).await, 3);
    clock.advance(Duration::seconds(86_401));
    conductor::join(&api.control).await;
    assert_eq!(post(&api, "/v1/nodes", "k1", &json!({"driver": "fake-hardware"})).await.status, 201);
    assert_eq!(count(&api).await, 4);
}

#[actix_web::test]
async fn of_many_at_once_one_creates() {
    let api = at(&clock(), &AuthConfig::default()).await;
    let body = json!({"driver": "fake-hardware"});
    let answers = join_all((0..12).map(|_| post(&api, "/v1/nodes", "k", &body))).await;
    let created: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert!(!created.is_empty());
    assert!(created.iter().all(|answer| answer.bytes == created[0].bytes));
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!(answer.status, 409);
        assert_eq!(text(answer), "A request with this Idempotency-Key is being worked on, please retry.");
    }
    assert_eq!(count(&api).await, 1);
    assert_eq!(post(&api, "/v1/nodes", "k", &body).await.bytes, created[0].bytes);
}

#[actix_web::test]
async fn what_a_process_did_before_it_died_is_not_done_again() {
    let clock = clock();
    let api = at(&clock, &AuthConfig::default()).await;
    let node = post(&api, "/v1/nodes", "n", &json!({"driver": "fake-hardware"})).await.json()["uuid"].clone();
    let step = json!([{"interface": "deploy", "step": "x", "args": {}, "priority": 1}]);
    let ordered = json!([{"interface": "deploy", "step": "x", "args": {}, "order": 1}]);
    let action = json!([{"op": "set-attribute", "args": {"path": "/extra/a", "value": "b"}}]);
    let context = RequestContext::new(Actor::unrestricted(), String::new());
    for (path, body) in [
        ("nodes", json!({"driver": "fake-hardware", "name": "n"})),
        ("ports", json!({"node_uuid": node, "address": "52:54:00:00:00:01"})),
        ("portgroups", json!({"node_uuid": node, "address": "52:54:00:00:00:02"})),
        ("chassis", json!({})),
        ("allocations", json!({"resource_class": "c"})),
        ("deploy_templates", json!({"name": "CUSTOM_A", "steps": step})),
        ("runbooks", json!({"name": "CUSTOM_A", "steps": ordered})),
        ("inspection_rules", json!({"actions": action})),
        ("volume/connectors", json!({"node_uuid": node, "type": "iqn", "connector_id": "iqn.x"})),
        (
            "volume/targets",
            json!({"node_uuid": node, "volume_type": "iscsi", "volume_id": "v", "boot_index": 0}),
        ),
    ] {
        let digest = Sha256::digest(format!("{path} 1.115 {body}"));
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let begun = api.control.begin_keyed(&context, path, &digest).await.unwrap();
        let Keyed::New(identity) = begun else { panic!("{begun:?}") };
        let mut done = body.clone();
        done["uuid"] = identity.to_string().into();
        let done = post(&api, &format!("/v1/{path}"), &format!("{path} before"), &done).await;
        assert_eq!(done.status, 201, "{path}: {}", String::from_utf8_lossy(&done.bytes));
        assert_eq!(post(&api, &format!("/v1/{path}"), path, &body).await.status, 409, "{path}");
        clock.advance(Duration::seconds(61));
        conductor::join(&api.control).await;
        for _ in 0..2 {
            let answer = post(&api, &format!("/v1/{path}"), path, &body).await;
            assert_eq!((answer.status, answer.json()), (done.status, done.json()), "{path}");
            assert_eq!(answer.header("Location"), done.header("Location"), "{path}");
        }
    }
    // What was there before the request came is somebody else's.
    let uuid = Uuid::new_v4().to_string();
    let body = json!({"driver": "fake-hardware", "uuid": uuid});
    assert_eq!(post(&api, "/v1/nodes", "theirs", &body).await.status, 201);
    clock.advance(Duration::seconds(1));
    let digest = Sha256::digest(format!("nodes 1.115 {body}"));
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    api.control.begin_keyed(&context, "mine", &digest).await.unwrap();
    api.control.end_keyed(&context, "mine", &KeyedOutcome::Unknown).await;
    assert_eq!(post(&api, "/v1/nodes", "mine", &body).await.status, 409);
}

#[actix_web::test]
async fn an_operation_is_begun_once() {
    let api = at(&clock(), &AuthConfig::default()).await;
    let body = json!({"action": "power", "nodes": ["a"], "target": "power on"});
    let first = post(&api, "/v1/bulk", "k", &body).await;
    let again = post(&api, "/v1/bulk", "k", &body).await;
    assert_eq!((first.status.as_u16(), &first.bytes), (202, &again.bytes));
    assert_eq!(api.get("/v1/bulk").await.json()["operations"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn each_caller_has_keys_of_their_own() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    for user in ["ann", "bob"] {
        writeln!(file, "{user}:{}", bcrypt::hash("one", 4).unwrap()).unwrap();
    }
    let strategy = AuthStrategy::HttpBasic;
    let auth = AuthConfig { strategy, http_basic_file: file.path().to_owned(), ..AuthConfig::default() };
    let api = at(&clock(), &auth).await;
    let body = json!({"driver": "fake-hardware"});
    let mut answers = Vec::new();
    for user in ["ann", "bob", "ann"] {
        let request = TestRequest::post()
            .uri("/v1/nodes")
            .insert_header(("Authorization", format!("Basic {}", STANDARD.encode(format!("{user}:one")))))
            .insert_header(("Idempotency-Key", "k"))
            .set_json(&body);
        answers.push(api.send(request).await);
    }
    assert!(answers.iter().all(|answer| answer.status == 201));
    assert_eq!(answers[0].bytes, answers[2].bytes);
    assert_ne!(answers[0].bytes, answers[1].bytes);
}
