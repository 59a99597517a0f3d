//! A Keystone that does as the tests want.

use actix_web::web::{Data, Json};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use ferric_model::clock::{Clock, ManualClock};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};
use tokio::sync::watch;

/// What this service authenticates with.
pub const PASSWORD: &str = "hunter2";

/// How long the service's own tokens live.
pub const OWN_LIFE: Duration = Duration::hours(1);

/// A running stand-in.
pub struct StandIn {
    pub url: String,
    pub state: Arc<State>,
    server: actix_web::dev::ServerHandle,
}

/// What it knows and what it was asked.
pub struct State {
    clock: Arc<ManualClock>,
    tokens: Mutex<BTreeMap<String, (Value, OffsetDateTime)>>,
    own: Mutex<BTreeSet<String>>,
    /// Documents that asked for a token.
    pub asked: Mutex<Vec<Value>>,
    /// How many tokens were to be validated.
    pub validations: watch::Sender<usize>,
    /// Whether it answers; requests wait until it does.
    pub answers: watch::Sender<bool>,
    /// A status it answers everything with.
    pub fails_with: Mutex<Option<u16>>,
}

impl StandIn {
    pub fn start(clock: &Arc<ManualClock>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/identity", listener.local_addr().unwrap());
        let state = Arc::new(State {
            clock: Arc::clone(clock),
            tokens: Mutex::default(),
            own: Mutex::default(),
            asked: Mutex::default(),
            validations: watch::Sender::new(0),
            answers: watch::Sender::new(true),
            fails_with: Mutex::default(),
        });
        let data = Data::from(Arc::clone(&state));
        let server = HttpServer::new(move || {
            let tokens = web::resource("/identity/v3/auth/tokens");
            App::new()
                .app_data(data.clone())
                .service(tokens.route(web::post().to(issue)).route(web::get().to(validate)))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self { url, state, server: handle }
    }

    /// Makes a token of a user with a role in the system.
    pub fn token(&self, name: &str, role: &str, life: Duration) {
        self.token_with(name, role, life, json!({}));
    }

    /// The same with more members.
    pub fn token_with(&self, name: &str, role: &str, life: Duration, more: Value) {
        let expires_at = self.state.clock.now() + life;
        let mut token = json!({
            "methods": ["password"],
            "user": {"id": name, "name": name, "domain": {"id": "default", "name": "Default"}},
            "system": {"all": true},
            "roles": [{"id": "1", "name": role}],
            "issued_at": text(self.state.clock.now()),
            "expires_at": text(expires_at),
        });
        token.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.state.tokens.lock().unwrap().insert(name.to_owned(), (token, expires_at));
    }

    /// How many tokens were to be validated so far.
    pub fn validations(&self) -> usize {
        *self.state.validations.borrow()
    }

    /// How often a token was asked for so far.
    pub fn issued(&self) -> usize {
        self.state.asked.lock().unwrap().len()
    }

    /// Forgets the tokens it gave to the service.
    pub fn forget_own_tokens(&self) {
        self.state.own.lock().unwrap().clear();
    }

    /// Closes its port and breaks its connections.
    pub async fn stop(&self) {
        self.server.stop(false).await;
    }
}

fn text(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap()
}

impl State {
    /// Waits until it answers, or gives the answer that it has for everything.
    async fn fault(&self) -> Option<HttpResponse> {
        self.answers.subscribe().wait_for(|answers| *answers).await.unwrap();
        let status = (*self.fails_with.lock().unwrap())?;
        Some(HttpResponse::build(status.try_into().unwrap()).finish())
    }
}

async fn issue(state: Data<State>, document: Json<Value>) -> HttpResponse {
    let secret = document["auth"]["identity"]["password"]["user"]["password"].clone();
    let number = {
        let mut asked = state.asked.lock().unwrap();
        asked.push(document.into_inner());
        asked.len()
    };
    if let Some(fault) = state.fault().await {
        return fault;
    }
    if secret != PASSWORD {
        return HttpResponse::Unauthorized().finish();
    }
    let name = format!("own-{number}");
    state.own.lock().unwrap().insert(name.clone());
    let token = json!({"user": {"id": "ferric"}, "expires_at": text(state.clock.now() + OWN_LIFE)});
    HttpResponse::Created().insert_header(("X-Subject-Token", name)).json(json!({ "token": token }))
}

async fn validate(state: Data<State>, request: HttpRequest) -> HttpResponse {
    state.validations.send_modify(|count| *count += 1);
    if let Some(fault) = state.fault().await {
        return fault;
    }
    let header = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    if !state.own.lock().unwrap().contains(&header("X-Auth-Token").unwrap()) {
        return HttpResponse::Unauthorized().finish();
    }
    let expired = request.query_string().split('&').any(|part| part == "allow_expired=1");
    let tokens = state.tokens.lock().unwrap();
    match tokens.get(&header("X-Subject-Token").unwrap()) {
        Some((token, until)) if expired || *until > state.clock.now() => {
            HttpResponse::Ok().json(json!({ "token": token }))
        }
        _ => HttpResponse::NotFound().finish(),
    }
}
