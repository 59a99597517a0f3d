//! Sending the recorded requests.

use crate::compare::{BASE, differences, normalized};
use crate::conductor;
use actix_web::body::{BoxBody, to_bytes};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, Error};
use ferric_api::rest::RestServer;
use ferric_api::{ApiConfig, AuthConfig, NoBootSource};
use ferric_control::{BusConfig, Control, ControlSettings, DatabaseConfig, Store, connect_bus};
use ferric_model::clock::SystemClock;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

type Answering = Pin<Box<dyn Future<Output = Result<ServiceResponse<BoxBody>, Error>>>>;

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
    serve: Box<dyn Fn(TestRequest) -> Answering>,
    worked: watch::Receiver<u64>,
    saved: BTreeMap<String, String>,
    differences: Vec<String>,
    compared: usize,
    stop: CancellationToken,
    _folder: tempfile::TempDir,
}

impl Drop for Replay {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Replay {
    /// A server with an empty database and one conductor.
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("ferric.db").display());
        let store = Store::connect(&DatabaseConfig { url, ..DatabaseConfig::default() }).await.unwrap();
        store.migrate().await.unwrap();
        let bus = connect_bus(&BusConfig::default()).await.unwrap();
        let control = Arc::new(Control::new(
            store,
            Arc::clone(&bus),
            Arc::new(SystemClock),
            ControlSettings::default(),
        ));
        let stop = CancellationToken::new();
        let worked = conductor::start(Arc::clone(&control), bus).await;
        let (relay, watching) = (Arc::clone(&control), Arc::clone(&control));
        let (relay_stop, watch_stop) = (stop.clone(), stop.clone());
        tokio::spawn(async move { relay.run_relay(relay_stop).await });
        tokio::spawn(async move { watching.run_watch(watch_stop).await });
        let config = ApiConfig { public_url: BASE.to_owned(), ..ApiConfig::default() };
        let server =
            RestServer::new(control, config, &AuthConfig::default(), Arc::new(NoBootSource)).unwrap();
        let service = init_service(App::new().configure(|app| server.mount(app))).await;
        let serve =
            Box::new(move |request: TestRequest| Box::pin(service.call(request.to_request())) as Answering);
        let (saved, differences) = (BTreeMap::new(), Vec::new());
        Self { serve, worked, saved, differences, compared: 0, stop, _folder: folder }
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

    /// Waits until the conductor has brought a field to one of the values.
    async fn wait(&mut self, name: &str, wait: &Value, headers: &Value) {
        let request = json!({"method": "GET", "path": wait["path"], "headers": headers});
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
        let answer = (self.serve)(sent).await.unwrap();
        let status = answer.status().as_u16();
        let found = |name: &&str| {
            let value = answer.headers().get(*name)?.to_str().unwrap();
            Some(((*name).to_owned(), Value::from(value)))
        };
        let headers: Map<String, Value> = HEADERS.iter().filter_map(|name| found(&name)).collect();
        let bytes = to_bytes(answer.into_body()).await.unwrap();
        let body = if bytes.is_empty() || path_is_head(request) {
            Value::Null
        } else {
            serde_json::from_slice(&bytes).unwrap()
        };
        json!({"status": status, "headers": headers, "body": body})
    }

    fn filled(&self, text: &str) -> String {
        self.saved
            .iter()
            .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }
}

fn path_is_head(request: &Value) -> bool {
    request["method"] == "HEAD"
}

/// The value at a path of members and indices; `-1` is the last item.
fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, part| match value {
        Value::Array(items) if part == "-1" => items.last(),
        Value::Array(items) => items.get(part.parse::<usize>().ok()?),
        other => other.get(part),
    })
}
