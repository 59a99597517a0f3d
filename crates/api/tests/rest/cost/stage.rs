//! Brings about the situation of each row, sends its request and counts.

use super::table::{Row, Step, Until};
use crate::golden::conductor;
use crate::in_process::InProcess;
use actix_web::test::TestRequest;
use ferric_api::{ApiConfig, AuthConfig, NoBootSource};
use ferric_control::{Cost, Tally};
use ferric_model::clock::{Clock, ManualClock, SystemClock};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// An API with one conductor, by a clock that stands still: no cache of a few seconds runs out halfway.
pub struct Stage {
    api: InProcess,
    worked: watch::Receiver<u64>,
    names: BTreeMap<&'static str, String>,
    count: u32,
    stop: CancellationToken,
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Stage {
    pub async fn new() -> Self {
        let clock = Arc::new(ManualClock::new(SystemClock.now()));
        let api =
            InProcess::at(clock, ApiConfig::default(), &AuthConfig::default(), Arc::new(NoBootSource)).await;
        let stop = CancellationToken::new();
        let worked = conductor::start(Arc::clone(&api.control), Arc::clone(&api.bus)).await;
        let (relay, watching) = (Arc::clone(&api.control), Arc::clone(&api.control));
        let (relay_stop, watch_stop) = (stop.clone(), stop.clone());
        tokio::spawn(async move { relay.run_relay(relay_stop).await });
        tokio::spawn(async move { watching.run_watch(watch_stop).await });
        Self { api, worked, names: BTreeMap::new(), count: 0, stop }
    }

    /// Status, cost and statements of the row's request.
    pub async fn measure(&mut self, row: &Row) -> (u16, Cost, Vec<String>) {
        self.count += 1;
        let (count, hex) = (self.count, format!("{:04x}", self.count));
        self.names.insert("count", count.to_string());
        self.names.insert("mac", format!("52:54:00:00:{}:{}", &hex[..2], &hex[2..]));
        for step in row.before.iter().flat_map(|steps| steps.iter()) {
            self.prepare(row, step).await;
        }
        let (method, _) = row.route.split_once(' ').unwrap();
        let request = self.request(method, row.path, row.body);
        self.api.control.live_conductors().await.unwrap();
        let tally = Tally::default();
        let answer = tally.over(self.api.send(request)).await;
        let statements = tally.take();
        let texts = statements.iter().map(|statement| statement.sql.clone()).collect();
        (answer.status.as_u16(), Cost::of(&statements), texts)
    }

    async fn prepare(&mut self, row: &Row, step: &Step) {
        self.worked.borrow_and_update();
        let answer = self.api.send(self.request(step.method, step.path, step.body)).await;
        let said = String::from_utf8_lossy(&answer.bytes).into_owned();
        assert!(answer.status.is_success(), "{} ({}): {} {said}", row.route, row.case, step.path);
        if let Some((name, field)) = step.save {
            let text = answer.json().pointer(field).unwrap().as_str().unwrap().to_owned();
            self.names.insert(name, text);
        }
        match step.until {
            Until::Answered => {}
            Until::Worked => self.worked.changed().await.unwrap(),
            Until::State(state) => self.wait(state).await,
        }
    }

    /// Waits until the conductor has brought the node there.
    async fn wait(&mut self, state: &str) {
        loop {
            self.worked.borrow_and_update();
            let node = self.api.send(self.request("GET", "/v1/nodes/<node>", "")).await.json();
            if node["provision_state"] == state && node["reservation"].is_null() {
                return;
            }
            self.worked.changed().await.unwrap();
        }
    }

    fn request(&self, method: &str, path: &str, body: &str) -> TestRequest {
        let request = TestRequest::with_uri(&self.filled(path))
            .method(method.parse().unwrap())
            .insert_header(("X-OpenStack-Ironic-API-Version", "latest"));
        if body.is_empty() {
            return request;
        }
        request.insert_header(("Content-Type", "application/json")).set_payload(self.filled(body))
    }

    fn filled(&self, text: &str) -> String {
        self.names
            .iter()
            .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("<{name}>"), value))
    }
}
