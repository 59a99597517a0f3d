//! Talking to Keystone.

use super::token::{Answer, Token};
use super::{credentials, trust};
use crate::config::KeystoneConfig;
use crate::error::ApiError;
use ferric_model::secret::Secret;
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{RequestBuilder, StatusCode};
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use tokio::sync::Semaphore;
use url::Url;

/// Longest answer that is read.
const LONGEST_ANSWER: usize = 1 << 20;

static AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");
static SUBJECT_TOKEN: HeaderName = HeaderName::from_static("x-subject-token");
/// Says that access rules are heeded here; Keystone does not know tokens that have some otherwise.
static ACCESS_RULES: HeaderName = HeaderName::from_static("openstack-identity-access-rules");

/// The client of Keystone, with a budget of calls.
#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    tokens: Url,
    config: Arc<KeystoneConfig>,
    calls: Semaphore,
}

/// A token of this service.
#[derive(Debug, Clone)]
pub(super) struct OwnToken {
    pub secret: Secret<String>,
    pub issued_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

/// Why Keystone told nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CallError {
    /// It does not know this service's own token.
    OwnTokenRefused,
    /// Somebody has to change the configuration of this service or of Keystone.
    Setup(String),
    /// It does not answer, or nothing useful.
    Unavailable(String),
}

struct Reply {
    status: StatusCode,
    subject_token: Option<HeaderValue>,
    body: Vec<u8>,
}

impl Client {
    /// Prepares for calls.
    ///
    /// **Errors**: `Config` when addresses or authorities cannot be used.
    pub(super) fn new(config: Arc<KeystoneConfig>) -> Result<Self, ApiError> {
        let tokens = config.tokens_url()?;
        let bad_ca = |reason| ApiError::Config { key: "auth.keystone.ca", reason };
        let tls = trust::settings(config.ca.as_deref()).map_err(bad_ca)?;
        // No redirects: they would carry tokens elsewhere. No proxy: Keystone is a part of the same cloud.
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(Duration::from_millis(config.connect_timeout_ms))
            .timeout(Duration::from_millis(config.answer_timeout_ms))
            .pool_max_idle_per_host(config.concurrent_calls)
            .build()
            .map_err(|error| ApiError::Config { key: "auth.keystone.url", reason: error.to_string() })?;
        let calls = Semaphore::new(config.concurrent_calls.max(1));
        Ok(Self { http, tokens, config, calls })
    }

    /// Gets a token for this service.
    pub(super) async fn authenticate(&self, now: OffsetDateTime) -> Result<OwnToken, CallError> {
        let document = credentials::document(&self.config).await?;
        let mut url = self.tokens.clone();
        url.set_query(Some("nocatalog"));
        let reply = self.call(|| self.http.post(url.clone()).json(&document)).await?;
        match reply.status {
            StatusCode::CREATED | StatusCode::OK => {}
            StatusCode::UNAUTHORIZED => {
                return Err(CallError::Setup("it refuses the credentials of this service".to_owned()));
            }
            status => {
                let reason = format!("it gives this service no token but status {}", status.as_u16());
                return Err(CallError::Setup(reason));
            }
        }
        let secret = reply
            .subject_token
            .as_ref()
            .and_then(|token| token.to_str().ok())
            .map(|token| Secret::new(token.to_owned()))
            .ok_or_else(|| CallError::Unavailable("its answer holds no token".to_owned()))?;
        Ok(OwnToken { secret, issued_at: now, expires_at: reply.token()?.expires_at })
    }

    /// Asks whose token `subject` is; nobody's if it is unknown, withdrawn or, unless that is allowed, expired.
    pub(super) async fn validate(
        &self,
        own: &OwnToken,
        subject: &Secret<Vec<u8>>,
        allow_expired: bool,
    ) -> Result<Option<Token>, CallError> {
        // What no header can carry is no token.
        let Ok(subject) = sensitive(subject.expose()) else { return Ok(None) };
        let own = sensitive(own.secret.expose().as_bytes()).map_err(|_| CallError::OwnTokenRefused)?;
        let mut url = self.tokens.clone();
        url.set_query(Some(if allow_expired { "nocatalog&allow_expired=1" } else { "nocatalog" }));
        let reply = self
            .call(|| {
                self.http
                    .get(url.clone())
                    .header(&AUTH_TOKEN, own.clone())
                    .header(&SUBJECT_TOKEN, subject.clone())
                    .header(&ACCESS_RULES, "1.0")
            })
            .await?;
        match reply.status {
            StatusCode::OK => reply.token().map(Some),
            StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST => Ok(None),
            StatusCode::UNAUTHORIZED => Err(CallError::OwnTokenRefused),
            StatusCode::FORBIDDEN => {
                Err(CallError::Setup("it does not let this service validate tokens".to_owned()))
            }
            status => Err(CallError::Unavailable(format!("it answers with status {}", status.as_u16()))),
        }
    }

    /// Makes a call until it is answered, as often as is allowed.
    async fn call(&self, request: impl Fn() -> RequestBuilder) -> Result<Reply, CallError> {
        let mut failures = 0;
        loop {
            let reason = match self.exchange(request()).await {
                Ok(reply) if reply.passes() => return Ok(reply),
                Ok(reply) => format!("it answers with status {}", reply.status.as_u16()),
                Err(error) => reason(&error),
            };
            failures += 1;
            if failures >= self.config.attempts {
                return Err(CallError::Unavailable(reason));
            }
            tokio::time::sleep(self.pause(failures)).await;
        }
    }

    async fn exchange(&self, request: RequestBuilder) -> reqwest::Result<Reply> {
        // It is never closed.
        let _turn = self.calls.acquire().await.ok();
        let mut response = request.send().await?;
        let (status, subject_token) = (response.status(), response.headers().get(&SUBJECT_TOKEN).cloned());
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await? {
            body.extend_from_slice(&piece);
            if body.len() > LONGEST_ANSWER {
                // What is cut off is no JSON, and is refused as such.
                break;
            }
        }
        Ok(Reply { status, subject_token, body })
    }

    /// Full jitter below a ceiling that doubles with each failure.
    fn pause(&self, failures: u32) -> Duration {
        let ceiling = self.config.retry_pause_ms.saturating_mul(1 << (failures - 1).min(10));
        Duration::from_millis(rand::random_range(0..=ceiling))
    }
}

impl Reply {
    /// Whether asking again would make no difference.
    fn passes(&self) -> bool {
        !self.status.is_server_error() && self.status != StatusCode::TOO_MANY_REQUESTS
    }

    fn token(&self) -> Result<Token, CallError> {
        serde_json::from_slice::<Answer>(&self.body).map(|answer| answer.token).map_err(|error| {
            let what = match error.classify() {
                serde_json::error::Category::Data => "lacks a part of a token",
                _ => "is no JSON",
            };
            CallError::Unavailable(format!("its answer {what}"))
        })
    }
}

fn sensitive(token: &[u8]) -> Result<HeaderValue, reqwest::header::InvalidHeaderValue> {
    let mut value = HeaderValue::from_bytes(token)?;
    value.set_sensitive(true);
    Ok(value)
}

/// What went wrong, without the address.
fn reason(error: &reqwest::Error) -> String {
    let what = match error {
        error if error.is_timeout() => "it does not answer in time",
        error if error.is_connect() => "it cannot be reached",
        _ => "the connection broke",
    };
    let mut text = what.to_owned();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}
