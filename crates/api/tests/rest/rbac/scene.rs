//! An API with tokens, and the things that everybody wants to get at.

use super::table::{Person, Row, everybody};
use crate::golden::conductor;
use crate::in_process::{Answered, InProcess};
use crate::keystone::stand_in::{PASSWORD, StandIn};
use actix_web::test::TestRequest;
use ferric_api::{ApiConfig, AuthConfig, AuthStrategy, KeystoneConfig, NoBootSource};
use ferric_control::Tally;
use ferric_model::clock::{Clock, ManualClock, SystemClock};
use ferric_model::secret::Secret;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use time::Duration;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Who makes everything.
pub const ADMIN: Person = Person { scope: "system", role: "admin" };

/// A UUID of nothing.
pub const ABSENT: &str = "99999999-0000-4000-8000-000000000000";

pub struct Scene {
    pub api: InProcess,
    pub names: BTreeMap<&'static str, String>,
    count: u32,
    _keystone: StandIn,
    _stop: DropGuard,
}

impl Scene {
    /// A node that is free and one that a task holds, both of the owner and leased to the lessee, a port in a portgroup,
    /// and one of everything that belongs to nobody.
    pub async fn new() -> Self {
        let clock = Arc::new(ManualClock::new(SystemClock.now()));
        let keystone = StandIn::start(&clock);
        for person in everybody() {
            keystone.token_with(&person.name(), person.role, Duration::hours(12), scope(person));
        }
        let config = KeystoneConfig {
            url: keystone.url.clone(),
            username: "ferric".to_owned(),
            password: Some(Secret::new(PASSWORD.to_owned())),
            ..KeystoneConfig::default()
        };
        let auth = AuthConfig { strategy: AuthStrategy::Keystone, keystone: config, ..AuthConfig::default() };
        let api = InProcess::at(clock, ApiConfig::default(), &auth, Arc::new(NoBootSource)).await;
        // Nothing carries envelopes to this conductor: what is begun stays begun.
        conductor::start(Arc::clone(&api.control), Arc::clone(&api.bus)).await;
        let (watching, stop) = (Arc::clone(&api.control), CancellationToken::new());
        let until = stop.clone();
        tokio::spawn(async move { watching.run_watch(until).await });
        let names = [("driver", "fake-hardware"), ("host", "golden-host"), ("rest", "nothing")];
        let names = names.map(|(name, value)| (name, value.to_owned())).into();
        let mut scene = Self { api, names, count: 0, _keystone: keystone, _stop: stop.drop_guard() };
        scene.furnish().await;
        scene
    }

    async fn furnish(&mut self) {
        self.make("chassis", "chassis", json!({})).await;
        let chassis = self.names["chassis"].clone();
        let node = |name: &str| {
            json!({"driver": "fake-hardware", "name": name, "owner": "owner-project", "lessee": "lessee-project",
                "chassis_uuid": chassis, "extra": {"a": 1}, "driver_info": {"fake_password": "secret", "a": 1},
                "instance_info": {"image_url": "http://secret", "a": 1}})
        };
        self.make("free", "nodes", node("free")).await;
        self.make("busy", "nodes", node("busy")).await;
        let portgroup = json!({"node_uuid": self.names["busy"], "name": "bond"});
        self.make("portgroup", "portgroups", portgroup).await;
        let port = json!({"node_uuid": self.names["busy"], "address": "52:54:00:00:00:01",
            "portgroup_uuid": self.names["portgroup"]});
        self.make("port", "ports", port).await;
        self.make("template", "deploy_templates", step_list("CUSTOM_FIXED", "priority")).await;
        let mut runbook = step_list("CUSTOM_FIXED", "order");
        runbook["owner"] = "owner-project".into();
        self.make("runbook", "runbooks", runbook).await;
        let allocation = json!({"name": "fixed", "resource_class": "c", "owner": "owner-project"});
        self.make("allocation", "allocations", allocation).await;
        let action = json!({"op": "set-attribute", "args": {"path": "/extra/a", "value": "b"}});
        self.make("rule", "inspection_rules", json!({"actions": [action]})).await;
        let busy = self.names["busy"].clone();
        let connector = json!({"node_uuid": busy, "type": "iqn", "connector_id": "iqn.x"});
        self.make("connector", "volume/connectors", connector).await;
        let target = json!({"node_uuid": busy, "volume_type": "iscsi", "volume_id": "v", "boot_index": 0});
        self.make("target", "volume/targets", target).await;
        let power = json!({"action": "power", "target": "power on", "nodes": ["free"]});
        self.begin("operation", power).await;
        let power = json!({"action": "power", "target": "power on", "filter": {"driver": "none-such"}});
        self.begin("ended", power).await;
        let power = json!({"target": "power on"}).to_string();
        let held = self.ask(ADMIN, "PUT", "nodes/<busy>/states/power", Some(&power), 115).await;
        assert_eq!(held.status.as_u16(), 202);
    }

    /// Begins an operation of the owner's.
    async fn begin(&mut self, name: &'static str, body: Value) {
        let owner = Person { scope: "owner", role: "member" };
        let begun = self.ask(owner, "POST", "bulk", Some(&body.to_string()), 115).await;
        assert_eq!(begun.status.as_u16(), 202, "{}", String::from_utf8_lossy(&begun.bytes));
        self.names.insert(name, begun.json()["uuid"].as_str().unwrap().to_owned());
    }

    async fn make(&mut self, name: &'static str, path: &str, body: Value) {
        let made = self.ask(ADMIN, "POST", path, Some(&body.to_string()), 115).await;
        assert_eq!(made.status.as_u16(), 201, "{path}: {}", String::from_utf8_lossy(&made.bytes));
        let uuid = made.json()["uuid"].as_str().unwrap().to_owned();
        self.names.insert(name, uuid);
    }

    /// Makes what the row wants to be new.
    pub async fn refresh(&mut self, row: &Row) {
        let Some(fresh) = &row.fresh else { return };
        self.count += 1;
        self.names.insert("count", self.count.to_string());
        let body = serde_json::from_str(&self.filled(&fresh.body)).unwrap();
        self.make("fresh", &fresh.path, body).await;
    }

    /// Sends the request of a row.
    pub async fn send(&self, person: Person, row: &Row, minor: u16) -> Answered {
        let (method, _) = row.route.split_once(' ').unwrap();
        self.ask(person, method, &path(row), row.body.as_deref(), minor).await
    }

    /// Status and number of statements of a row's request.
    pub async fn measure(&self, person: Person, row: &Row) -> (u16, usize) {
        // What is asked once in a while is not counted.
        self.api.control.live_conductors().await.unwrap();
        self.ask(person, "GET", "drivers", None, 115).await;
        let tally = Tally::default();
        let answer = tally.over(self.send(person, row, 115)).await;
        (answer.status.as_u16(), tally.take().len())
    }

    /// The refusal that tells that what the row names does not exist.
    pub async fn absent(&self, row: &Row) -> String {
        let (method, _) = row.route.split_once(' ').unwrap();
        let path = path(row);
        let (name, _) = path.split_once('<').unwrap().1.split_once('>').unwrap();
        let path = path.replacen(&format!("<{name}>"), ABSENT, 1);
        let answer = self.ask(ADMIN, method, &path, row.body.as_deref(), 115).await;
        assert_eq!(answer.status.as_u16(), row.absent(), "{path}");
        fault(&answer).replace(ABSENT, &self.names[name])
    }

    pub async fn ask(
        &self,
        person: Person,
        method: &str,
        path: &str,
        body: Option<&str>,
        minor: u16,
    ) -> Answered {
        let request = TestRequest::with_uri(&format!("/v1/{}", self.filled(path)))
            .method(method.parse().unwrap())
            .insert_header(("X-Auth-Token", person.name()))
            .insert_header(("X-OpenStack-Ironic-API-Version", format!("1.{minor}")))
            .insert_header(("Content-Type", "application/json"));
        let request = match body {
            Some(body) => request.set_payload(self.filled(body)),
            None => request,
        };
        self.api.send(request).await
    }

    fn filled(&self, text: &str) -> String {
        let fill = |text: String, (name, value): (&&str, &String)| text.replace(&format!("<{name}>"), value);
        self.names.iter().fold(text.to_owned(), fill)
    }
}

/// The path of a row's request; a route's own path names what there is one of, and the node that is free.
fn path(row: &Row) -> String {
    let own = || {
        let (_, path) = row.route.split_once(' ').unwrap();
        path.replace("{node}", "<free>").replace("{ident}", "<free>").replace('{', "<").replace('}', ">")
    };
    row.send.clone().unwrap_or_else(own)
}

/// What a refusal says.
pub fn fault(answer: &Answered) -> String {
    let outer: Value = serde_json::from_slice(&answer.bytes).unwrap_or_default();
    let inner: Value =
        serde_json::from_str(outer["error_message"].as_str().unwrap_or_default()).unwrap_or_default();
    inner["faultstring"].as_str().unwrap_or_default().to_owned()
}

fn scope(person: Person) -> Value {
    match person.scope {
        "system" => json!({"system": {"all": true}}),
        project => json!({"system": null, "project": {
            "id": format!("{project}-project"), "name": project, "domain": {"id": "default", "name": "Default"}}}),
    }
}

fn step_list(name: &str, order: &str) -> Value {
    let mut step = json!({"interface": "deploy", "step": "x", "args": {}});
    step[order] = 10.into();
    json!({"name": name, "steps": [step]})
}
