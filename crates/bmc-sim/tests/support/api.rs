//! A fake bare metal API that also serves files, and remembers what it was asked.

use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use actix_web::dev::ServerHandle;
use actix_web::http::header::RANGE;
use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::DEADLINE;

pub const NODE: &str = "1be26c0b-03f2-4d2e-ae87-c02d7f33c123";
pub const TOKEN: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";

/// What was asked and what to answer.
#[derive(Default)]
pub struct Seen {
    /// Requests in order, `METHOD path`.
    pub requests: Vec<String>,
    pub inspections: Vec<Value>,
    pub lookups: Vec<String>,
    pub heartbeats: Vec<Value>,
    /// The version header of everything but inspection reports and files.
    pub versions: Vec<String>,
    pub bytes_served: usize,
    /// Statuses the next inspection reports are answered with before they are accepted.
    pub inspection_refusals: Vec<u16>,
    /// The token lookup gives; asterisks when absent.
    pub token: Option<String>,
    pub files: HashMap<String, Vec<u8>>,
    /// Serves whole files whatever range is asked for, and no HEAD.
    pub plain: bool,
}

pub struct Api {
    pub url: String,
    shared: Arc<Shared>,
    server: ServerHandle,
}

struct Shared {
    seen: Mutex<Seen>,
    changes: watch::Sender<()>,
}

impl Api {
    pub fn start() -> Self {
        let shared = Arc::new(Shared { seen: Mutex::default(), changes: watch::channel(()).0 });
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        let data = Data::from(Arc::clone(&shared));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route("/", web::get().to(root))
                .route("/v1/lookup", web::get().to(lookup))
                .route("/v1/heartbeat/{node}", web::post().to(heartbeat))
                .route("/v1/continue_inspection", web::post().to(inspection))
                .route("/files/{name}", web::route().to(file))
        })
        .workers(1)
        .disable_signals()
        .listen(socket)
        .unwrap()
        .run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { url, shared, server: handle }
    }

    pub fn with<R>(&self, look: impl FnOnce(&mut Seen) -> R) -> R {
        look(&mut self.shared.seen.lock().unwrap())
    }

    /// Serves a file and returns its URL.
    pub fn serve(&self, name: &str, content: impl Into<Vec<u8>>) -> String {
        self.with(|seen| seen.files.insert(name.to_owned(), content.into()));
        format!("{}/files/{name}", self.url)
    }

    /// Waits until what was seen satisfies a condition.
    pub async fn until(&self, what: &str, holds: impl Fn(&Seen) -> bool) {
        let mut changes = self.shared.changes.subscribe();
        let wait = async {
            while !self.with(|seen| holds(seen)) {
                changes.changed().await.unwrap();
            }
        };
        assert!(tokio::time::timeout(DEADLINE, wait).await.is_ok(), "never happened: {what}");
    }

    pub async fn stop(self) {
        self.server.stop(false).await;
    }
}

impl Shared {
    fn note<R>(&self, request: &HttpRequest, change: impl FnOnce(&mut Seen) -> R) -> R {
        let result = {
            let mut seen = self.seen.lock().unwrap();
            seen.requests.push(format!("{} {}", request.method(), request.path()));
            if let Some(version) = request.headers().get("X-OpenStack-Ironic-API-Version") {
                seen.versions.push(version.to_str().unwrap().to_owned());
            }
            change(&mut seen)
        };
        self.changes.send_replace(());
        result
    }
}

async fn root(request: HttpRequest, shared: Data<Shared>) -> HttpResponse {
    shared.note(&request, |_| ());
    HttpResponse::Ok().json(json!({"name": "fake", "default_version": {"id": "v1", "version": "1.115"}}))
}

async fn lookup(request: HttpRequest, shared: Data<Shared>) -> HttpResponse {
    let token = shared.note(&request, |seen| {
        seen.lookups.push(request.query_string().to_owned());
        seen.token.clone().unwrap_or_else(|| "******".to_owned())
    });
    HttpResponse::Ok().json(json!({
        "node": {"uuid": NODE, "properties": {}, "instance_info": {}, "driver_internal_info": {}, "links": []},
        "config": {"heartbeat_timeout": 300, "agent_token": token, "agent_token_required": true},
    }))
}

async fn heartbeat(request: HttpRequest, shared: Data<Shared>, body: Bytes) -> HttpResponse {
    assert_eq!(request.match_info().get("node"), Some(NODE));
    shared.note(&request, |seen| seen.heartbeats.push(serde_json::from_slice(&body).unwrap()));
    HttpResponse::Accepted().finish()
}

async fn inspection(request: HttpRequest, shared: Data<Shared>, body: Bytes) -> HttpResponse {
    assert!(request.headers().get("X-OpenStack-Ironic-API-Version").is_none());
    let refusal = shared.note(&request, |seen| {
        let refusal = seen.inspection_refusals.pop();
        if refusal.is_none() {
            seen.inspections.push(serde_json::from_slice(&body).unwrap());
        }
        refusal
    });
    match refusal {
        Some(status) => HttpResponse::build(status.try_into().unwrap()).finish(),
        None => HttpResponse::Ok().json(json!({ "uuid": NODE })),
    }
}

async fn file(request: HttpRequest, shared: Data<Shared>) -> HttpResponse {
    let name = request.match_info().get("name").unwrap();
    shared.note(&request, |seen| {
        let Some(content) = seen.files.get(name).cloned() else { return HttpResponse::NotFound().finish() };
        if request.method() == "HEAD" {
            return if seen.plain {
                HttpResponse::MethodNotAllowed().finish()
            } else {
                HttpResponse::Ok().finish()
            };
        }
        let range = request.headers().get(RANGE).filter(|_| !seen.plain).map(|range| {
            let (from, to) = range.to_str().unwrap().strip_prefix("bytes=").unwrap().split_once('-').unwrap();
            (from.parse::<usize>().unwrap(), to.parse::<usize>().unwrap().min(content.len() - 1))
        });
        match range {
            Some((from, to)) => {
                seen.bytes_served += to - from + 1;
                HttpResponse::PartialContent()
                    .insert_header(("Content-Range", format!("bytes {from}-{to}/{}", content.len())))
                    .body(content[from..=to].to_vec())
            }
            None => {
                seen.bytes_served += content.len();
                HttpResponse::Ok().body(content)
            }
        }
    })
}
