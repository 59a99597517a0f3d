//! What the recording does not show of BIOS settings, firmware and single operations.

use crate::golden::conductor;
use crate::in_process::{Answered, InProcess};
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

const NODE: &str = "/v1/nodes/hw";

/// An API with a conductor and a manageable node.
pub struct Stage {
    api: InProcess,
    worked: watch::Receiver<u64>,
    _stop: DropGuard,
}

impl Stage {
    pub async fn new() -> Self {
        let api = InProcess::new().await;
        let stop = CancellationToken::new();
        let worked = conductor::start(Arc::clone(&api.control), Arc::clone(&api.bus)).await;
        let (relay, watching) = (Arc::clone(&api.control), Arc::clone(&api.control));
        let (relay_stop, watch_stop) = (stop.clone(), stop.clone());
        tokio::spawn(async move { relay.run_relay(relay_stop).await });
        tokio::spawn(async move { watching.run_watch(watch_stop).await });
        let mut stage = Self { api, worked, _stop: stop.drop_guard() };
        let created = stage.send("POST", "/v1/nodes", json!({"driver": "fake-hardware", "name": "hw"})).await;
        assert_eq!(created.status, 201);
        stage.verb(json!({"target": "manage"})).await;
        stage
    }

    pub async fn send(&self, method: &str, path: &str, body: Value) -> Answered {
        self.send_at("latest", method, path, body).await
    }

    pub async fn send_at(&self, version: &str, method: &str, path: &str, body: Value) -> Answered {
        let request = TestRequest::with_uri(path)
            .method(method.parse().unwrap())
            .insert_header(("X-OpenStack-Ironic-API-Version", version));
        let request = match body {
            Value::Null => request,
            body => request.set_payload(body.to_string()),
        };
        self.api.send(request).await
    }

    pub async fn get(&self, path: &str) -> Value {
        self.send("GET", path, Value::Null).await.json()
    }

    /// Waits until no task holds the node.
    async fn rest(&mut self) -> Value {
        self.rest_of(NODE).await
    }

    /// The same for another node.
    pub async fn rest_of(&mut self, path: &str) -> Value {
        loop {
            self.worked.borrow_and_update();
            let node = self.get(path).await;
            if node["reservation"].is_null() {
                return node;
            }
            self.worked.changed().await.unwrap();
        }
    }

    async fn verb(&mut self, body: Value) {
        let answer = self.send("PUT", &format!("{NODE}/states/provision"), body).await;
        assert_eq!(answer.status, 202);
        assert_eq!(self.rest().await["provision_state"], "manageable");
    }

    async fn update_firmware(&mut self, version: &str) {
        let settings = json!([{"component": "bmc", "url": "http://x", "version": version, "vendor": "acme"}]);
        let step = json!({"interface": "firmware", "step": "update", "args": {"settings": settings}});
        self.verb(json!({"target": "clean", "clean_steps": [step]})).await;
    }
}

/// What a refusal says.
pub fn said(answer: &Answered) -> String {
    let outer = answer.json();
    let inner: Value = serde_json::from_str(outer["error_message"].as_str().unwrap()).unwrap();
    inner["faultstring"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn firmware_remembers_its_first_version_and_what_was_flashed() {
    let mut stage = Stage::new().await;
    stage.update_firmware("1.0").await;
    stage.update_firmware("2.0").await;
    let path = format!("{NODE}/firmware");
    let found = stage.get(&path).await;
    let [component] = found["firmware"].as_array().unwrap().as_slice() else { panic!("{found}") };
    let versions = ["component", "initial_version", "current_version", "last_version_flashed", "vendor"]
        .map(|field| component[field].as_str().unwrap());
    assert_eq!(versions, ["bmc", "1.0", "2.0", "2.0", "acme"]);
    assert!(component["updated_at"].is_string() && component["model"].is_null());

    let older = stage.send_at("1.86", "GET", &path, Value::Null).await.json();
    assert!(older["firmware"][0].get("vendor").is_none());
    let some = stage.get(&format!("{path}?fields=current_version")).await;
    let names: Vec<&String> = some["firmware"][0].as_object().unwrap().keys().collect();
    assert_eq!(names, ["created_at", "current_version", "updated_at"]);
}

#[actix_web::test]
async fn every_name_of_a_bios_field_can_be_asked_for() {
    let stage = Stage::new().await;
    let refused = stage.send("GET", &format!("{NODE}/bios?fields=name,colour"), Value::Null).await;
    assert_eq!(refused.status, 400);
    let text = said(&refused);
    let names = text.strip_prefix("Schema error: 'colour' is not one of [").unwrap().trim_end_matches(']');
    for name in names.split(", ").map(|name| name.trim_matches('\'')) {
        let answer = stage.send("GET", &format!("{NODE}/bios?fields={name}"), Value::Null).await;
        assert_eq!(answer.status, 200, "{name}");
    }
}

#[actix_web::test]
async fn a_failed_operation_says_why_and_leaves_the_state_alone() {
    let mut stage = Stage::new().await;
    let answer = stage.send("PUT", &format!("{NODE}/states/boot_mode"), json!({"target": "uefi"})).await;
    assert_eq!(answer.status, 202);
    let node = stage.rest().await;
    assert_eq!(node["provision_state"], "manageable");
    let error = node["last_error"].as_str().unwrap();
    assert!(error.contains("does not support set_boot_mode"), "{error}");

    // What the caller is told at once leaves no trace, and what succeeds takes the trace away.
    let answer = stage.send("PUT", &format!("{NODE}/management/inject_nmi"), Value::Null).await;
    assert_eq!(answer.status, 400);
    assert_eq!(stage.rest().await["last_error"], error);
    let answer = stage.send("PUT", &format!("{NODE}/states/console"), json!({"enabled": true})).await;
    assert_eq!(answer.status, 202);
    let node = stage.rest().await;
    assert_eq!((&node["last_error"], &node["console_enabled"]), (&Value::Null, &json!(true)));
    let history = stage.get(&format!("{NODE}/history")).await;
    let errors: Vec<&Value> =
        history["history"].as_array().unwrap().iter().filter(|entry| entry["severity"] == "ERROR").collect();
    assert_eq!(errors.len(), 1, "{history}");
    // The fields that Ironic has, and no others unless they are asked for.
    let entry = format!("{NODE}/history/{}", errors[0]["uuid"].as_str().unwrap());
    let shown = stage.get(&entry).await;
    let mut names: Vec<&str> = shown.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "conductor",
            "created_at",
            "duration_seconds",
            "event",
            "event_type",
            "links",
            "project",
            "severity",
            "state",
            "target_provision_state",
            "user",
            "uuid"
        ]
    );
    let trace = stage.get(&format!("{entry}/trace")).await;
    assert_eq!((&trace["code"], &trace["class"]), (&json!("unsupported"), &json!("request")), "{trace}");
    let fingerprint = trace["fingerprint"].as_str().unwrap();
    let common = stage.get(&format!("/v1/history/fingerprints/{fingerprint}")).await;
    assert_eq!((&common["count"], &common["nodes"]), (&json!(1), &json!(1)), "{common}");
    let fleet = stage.get(&format!("/v1/history?fingerprint={fingerprint}")).await;
    assert_eq!(fleet["history"][0]["uuid"], shown["uuid"], "{fleet}");
    let refused = stage.send("GET", "/v1/history?since=yesterday", Value::Null).await;
    assert_eq!(refused.status, 400);
}

#[actix_web::test]
async fn arguments_of_vendor_methods_are_an_object() {
    let stage = Stage::new().await;
    let path = format!("{NODE}/vendor_passthru/third_method_sync");
    let refused = stage.send("POST", &path, json!([1])).await;
    assert_eq!(refused.status, 400);
    assert_eq!(said(&refused), "The arguments of a vendor method must be a JSON object.");
}

#[actix_web::test]
async fn methods_of_hardware_types_are_carried_out_by_any_conductor_that_has_the_type() {
    let stage = Stage::new().await;
    let path = "/v1/drivers/ipmi/vendor_passthru";
    let methods = stage.get(&format!("{path}/methods")).await;
    assert_eq!(methods["greet"]["http_methods"], json!(["GET"]));
    assert_eq!(stage.get(&format!("{path}/greet")).await, json!({"hello": "world"}));
    assert_eq!(stage.get(&format!("{path}?method=greet")).await, json!({"hello": "world"}));
    let refused = stage.send("GET", &format!("{path}/greet"), json!({"name": "x"})).await;
    assert_eq!((refused.status.as_u16(), said(&refused).as_str()), (400, "nobody is called like this"));
    let ring = stage.send("POST", &format!("{path}/ring"), json!({})).await;
    assert_eq!((ring.status.as_u16(), ring.bytes.len()), (202, 0));
    let wrong = stage.send("POST", &format!("{path}/greet"), json!({})).await;
    assert_eq!(said(&wrong), "The method greet does not support HTTP POST");
}
