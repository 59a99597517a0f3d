//! An API with an empty database, called without a socket.

use actix_web::body::{BoxBody, to_bytes};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, Error};
use ferric_api::rest::RestServer;
use ferric_api::{ApiConfig, AuthConfig, BootSource, NoBootSource};
use ferric_control::{Bus, BusConfig, Control, ControlSettings, DatabaseConfig, Store, connect_bus};
use ferric_model::clock::{SharedClock, SystemClock};
use serde_json::Value;
use std::pin::Pin;
use std::sync::Arc;

/// Base URL of links.
pub const BASE: &str = "http://ferric.test";

type Answering = Pin<Box<dyn Future<Output = Result<ServiceResponse<BoxBody>, Error>>>>;

/// An API.
pub struct InProcess {
    pub control: Arc<Control>,
    pub bus: Arc<dyn Bus>,
    pub server: RestServer,
    serve: Box<dyn Fn(TestRequest) -> Answering>,
    _folder: Option<tempfile::TempDir>,
}

/// What it answered.
pub struct Answered {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl InProcess {
    /// An API that lets everybody in and has nothing to boot.
    pub async fn new() -> Self {
        Self::with(ApiConfig::default(), &AuthConfig::default(), Arc::new(NoBootSource)).await
    }

    /// An API with choices of its own.
    pub async fn with(config: ApiConfig, auth: &AuthConfig, boot: Arc<dyn BootSource>) -> Self {
        Self::at(Arc::new(SystemClock), config, auth, boot).await
    }

    /// The same with a clock of its own.
    pub async fn at(
        clock: SharedClock,
        config: ApiConfig,
        auth: &AuthConfig,
        boot: Arc<dyn BootSource>,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("ferric.db").display());
        let store = Store::connect(&DatabaseConfig { url, ..DatabaseConfig::default() }).await.unwrap();
        store.migrate().await.unwrap();
        Self { _folder: Some(folder), ..Self::over(store, clock, config, auth, boot).await }
    }

    /// The same over a database that is there already.
    pub async fn over(
        store: Store,
        clock: SharedClock,
        config: ApiConfig,
        auth: &AuthConfig,
        boot: Arc<dyn BootSource>,
    ) -> Self {
        let bus = connect_bus(&BusConfig::default()).await.unwrap();
        let settings = ControlSettings { lock_wait_secs: 0, ..ControlSettings::default() };
        let control = Arc::new(Control::new(store, Arc::clone(&bus), clock, settings));
        let config = ApiConfig { public_url: BASE.to_owned(), ..config };
        let server = RestServer::new(Arc::clone(&control), config, auth, boot).unwrap();
        let service = init_service(App::new().configure(|app| server.mount(app))).await;
        let serve =
            Box::new(move |request: TestRequest| Box::pin(service.call(request.to_request())) as Answering);
        Self { control, bus, server, serve, _folder: None }
    }

    /// Sends a request.
    pub async fn send(&self, request: TestRequest) -> Answered {
        let answer = (self.serve)(request).await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        let bytes = to_bytes(answer.into_body()).await.unwrap().to_vec();
        Answered { status, headers, bytes }
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answered {
        self.send(TestRequest::get().uri(path)).await
    }
}

impl Answered {
    /// A header of the answer.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }
}
