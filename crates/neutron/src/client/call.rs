//! Requests to Neutron: deadlines, tries, a bounded number at once, and who we are.

use super::keystone::{Keystone, Token};
use crate::config::{AuthType, NeutronConfig};
use crate::error::NeutronError;
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::sleep;

/// More than this of an answer is not read.
const LONGEST_ANSWER: usize = 4 * 1024 * 1024;

/// More than this of a refusal is not repeated.
const LONGEST_WORDS: usize = 500;

/// A client of Neutron. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Neutron(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    config: NeutronConfig,
    http: Client,
    keystone: Option<Keystone>,
    requests: Semaphore,
}

/// What is asked for.
#[derive(Debug)]
pub(super) struct Request<'a> {
    /// For failures, for example `show port X`.
    pub doing: String,
    /// Method.
    pub method: Method,
    /// Path below `/v2.0`, with a slash in front.
    pub path: String,
    /// Names and values of the query.
    pub query: Vec<(&'a str, String)>,
    /// Body.
    pub body: Option<Value>,
}

impl Neutron {
    /// Prepares for requests as `config` says. The process must have installed its rustls provider before.
    ///
    /// **Errors**: `Config`.
    pub fn new(config: NeutronConfig) -> Result<Self, NeutronError> {
        config.check().map_err(NeutronError::Config)?;
        let mut builder = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(config.connect_timeout())
            .timeout(config.request_timeout());
        if let Some(path) = &config.ca {
            let unusable = |reason: String| {
                NeutronError::Config(format!("the key 'neutron.ca' is not usable: {reason}"))
            };
            let pem = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
            let authorities =
                reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| unusable(error.to_string()))?;
            builder = builder.tls_certs_only(authorities);
        }
        let http = builder.build().map_err(|error| NeutronError::Config(error.to_string()))?;
        let keystone =
            (config.auth_type == AuthType::Password).then(|| Keystone::new(http.clone(), config.clone()));
        let requests = Semaphore::new(config.concurrent_requests.max(1));
        Ok(Self(Arc::new(Shared { config, http, keystone, requests })))
    }

    /// The settings.
    pub fn config(&self) -> &NeutronConfig {
        &self.0.config
    }

    /// Sends a request and gives the answer's document; null for one without a body.
    ///
    /// What may be repeated is tried again when nobody answered or Neutron failed; `POST` is not, unless no connection
    /// was made.
    pub(super) async fn call(&self, request: Request<'_>) -> Result<Value, NeutronError> {
        let mut pause = Duration::from_millis(self.config().retry_pause_ms);
        let mut renewed = false;
        let mut attempt = 1;
        loop {
            let (error, unsent) = match self.once(&request).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            if let (NeutronError::Unauthorized { service: "Neutron", .. }, Some(keystone), false) =
                (&error, &self.0.keystone, renewed)
            {
                // The token may have been revoked before its time.
                renewed = true;
                keystone.forget().await;
                continue;
            }
            let again = error.retryable() && (unsent || request.method != Method::POST);
            if !again || attempt >= self.config().attempts.max(1) {
                return Err(error);
            }
            tracing::debug!(%error, attempt, "asking again");
            let jittered = pause.mul_f64(rand::random());
            sleep(jittered).await;
            pause *= 2;
            attempt += 1;
        }
    }

    /// One try; with the failure comes whether the request surely did not reach anybody.
    async fn once(&self, request: &Request<'_>) -> Result<Value, (NeutronError, bool)> {
        let shared = &self.0;
        let Ok(_permit) = shared.requests.acquire().await else {
            return Err((NeutronError::Config("the client is closed".to_owned()), true));
        };
        let token = match &shared.keystone {
            Some(keystone) => Some(keystone.token().await.map_err(|error| (error, true))?),
            None => None,
        };
        let base = self.base(token.as_deref());
        let mut builder = shared
            .http
            .request(request.method.clone(), format!("{base}/v2.0{}", request.path))
            .query(&request.query);
        if let Some(token) = &token {
            builder = builder.header("X-Auth-Token", token.value.expose());
        }
        if let (AuthType::HttpBasic, Some(password)) = (shared.config.auth_type, &shared.config.password) {
            builder = builder.basic_auth(&shared.config.username, Some(password.expose()));
        }
        if let Some(body) = &request.body {
            builder = builder.json(body);
        }
        let response = builder.send().await.map_err(|error| {
            let unsent = error.is_connect();
            (unreachable("Neutron", &request.doing, error), unsent)
        })?;
        read(response, request).await.map_err(|error| (error, false))
    }

    /// Base URL without `/v2.0` and without a slash at its end.
    fn base<'a>(&'a self, token: Option<&'a Token>) -> &'a str {
        let own = self.config().endpoint.as_str();
        let base = match (own, token) {
            ("", Some(token)) => token.endpoint.as_str(),
            _ => own,
        };
        let base = base.trim_end_matches('/');
        base.strip_suffix("/v2.0").unwrap_or(base)
    }
}

async fn read(response: Response, request: &Request<'_>) -> Result<Value, NeutronError> {
    let status = response.status();
    let doing = || request.doing.clone();
    let body = body("Neutron", &request.doing, response).await?;
    if status.is_success() {
        if body.is_empty() {
            return Ok(Value::Null);
        }
        return serde_json::from_slice(&body)
            .map_err(|error| NeutronError::Nonsense { service: "Neutron", reason: error.to_string() });
    }
    let said = words(&body);
    Err(match status {
        StatusCode::UNAUTHORIZED => NeutronError::Unauthorized { service: "Neutron", said },
        StatusCode::NOT_FOUND => NeutronError::NotFound { what: request.path.trim_matches('/').to_owned() },
        StatusCode::TOO_MANY_REQUESTS => NeutronError::Failed { doing: doing(), status: 429, said },
        status if status.is_server_error() => {
            NeutronError::Failed { doing: doing(), status: status.as_u16(), said }
        }
        status => NeutronError::Refused { doing: doing(), status: status.as_u16(), said },
    })
}

/// Reads an answer as far as it is not longer than anything that makes sense.
pub(super) async fn body(
    service: &'static str,
    doing: &str,
    mut response: Response,
) -> Result<Vec<u8>, NeutronError> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > LONGEST_ANSWER => {
                return Err(NeutronError::Nonsense { service, reason: "it does not end".to_owned() });
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body),
            Err(error) => return Err(unreachable(service, doing, error)),
        }
    }
}

/// A connection that failed or took too long.
pub(super) fn unreachable(service: &'static str, doing: &str, error: reqwest::Error) -> NeutronError {
    let error = error.without_url();
    let mut reason = error.to_string();
    let mut next = std::error::Error::source(&error);
    while let Some(cause) = next {
        reason.push_str(&format!(": {cause}"));
        next = cause.source();
    }
    NeutronError::Unreachable { service, doing: doing.to_owned(), reason }
}

/// What a refusal says, without the wrapping of the service.
///
/// **Shape**: `{"NeutronError": {"type", "message", "detail"}}`, `{"error": {"message", …}}`, or anything.
pub(super) fn words(body: &[u8]) -> String {
    let document: Value = serde_json::from_slice(body).unwrap_or_default();
    let message =
        [&document["NeutronError"]["message"], &document["NeutronError"], &document["error"]["message"]]
            .into_iter()
            .find_map(Value::as_str);
    let text = message.map_or_else(|| String::from_utf8_lossy(body).into_owned(), str::to_owned);
    text.chars().take(LONGEST_WORDS).collect::<String>().trim().to_owned()
}
