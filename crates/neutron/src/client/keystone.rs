//! Tokens of Keystone, and where it says that Neutron is.
//!
//! Source: Identity API v3, "Password authentication with scoped authorization".

use super::call::{body, unreachable, words};
use crate::config::NeutronConfig;
use crate::error::NeutronError;
use ferric_model::secret::Secret;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// A token is not used any more this long before its end.
const MARGIN: Duration = Duration::from_secs(60);

const DOING: &str = "give a token";

/// Gets tokens, one at a time, and keeps the last one until it ends.
#[derive(Debug)]
pub struct Keystone {
    http: Client,
    config: NeutronConfig,
    /// The token, and until when it is used.
    kept: Mutex<Option<(Arc<Token>, Instant)>>,
}

/// A token.
#[derive(Debug)]
pub struct Token {
    /// What is shown.
    pub value: Secret<String>,
    /// Where Neutron is; empty if the catalog was not asked.
    pub endpoint: String,
}

impl Keystone {
    /// Gets tokens as `config` says.
    pub fn new(http: Client, config: NeutronConfig) -> Self {
        Self { http, config, kept: Mutex::new(None) }
    }

    /// A token that is good for a while. Whoever asks meanwhile waits for the same one.
    pub async fn token(&self) -> Result<Arc<Token>, NeutronError> {
        let mut kept = self.kept.lock().await;
        if let Some((token, until)) = kept.as_ref()
            && Instant::now() < *until
        {
            return Ok(Arc::clone(token));
        }
        let (token, until) = self.ask().await?;
        let token = Arc::new(token);
        *kept = Some((Arc::clone(&token), until));
        Ok(token)
    }

    /// Forgets the token: it is not accepted any more.
    pub async fn forget(&self) {
        *self.kept.lock().await = None;
    }

    async fn ask(&self) -> Result<(Token, Instant), NeutronError> {
        let asked_at = Instant::now();
        let base = self.config.auth_url.trim_end_matches('/');
        let base = base.strip_suffix("/v3").unwrap_or(base);
        let sent = self.http.post(format!("{base}/v3/auth/tokens")).json(&self.request()).send().await;
        let response = sent.map_err(|error| unreachable("Keystone", DOING, error))?;
        let status = response.status();
        let value = response.headers().get("X-Subject-Token").and_then(|value| value.to_str().ok());
        let value = value.map(|value| Secret::new(value.to_owned()));
        let body = body("Keystone", DOING, response).await?;
        let nonsense =
            |reason: &str| NeutronError::Nonsense { service: "Keystone", reason: reason.to_owned() };
        match status {
            status if status.is_success() => {}
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                return Err(NeutronError::Unauthorized { service: "Keystone", said: words(&body) });
            }
            status if status.is_server_error() => {
                return Err(NeutronError::Unreachable {
                    service: "Keystone",
                    doing: DOING.to_owned(),
                    reason: format!("HTTP {}: {}", status.as_u16(), words(&body)),
                });
            }
            status => return Err(nonsense(&format!("HTTP {}", status.as_u16()))),
        }
        let value = value.ok_or_else(|| nonsense("it has no X-Subject-Token"))?;
        let document: Value = serde_json::from_slice(&body).map_err(|_| nonsense("it is no JSON"))?;
        let token = &document["token"];
        let lifetime = lifetime(token).ok_or_else(|| nonsense("it does not say how long the token lasts"))?;
        let until = asked_at + lifetime.saturating_sub(MARGIN);
        let endpoint = match self.config.endpoint.as_str() {
            "" => self.endpoint(&token["catalog"]).ok_or_else(|| {
                let (interface, region) = (&self.config.interface, &self.config.region);
                nonsense(&format!(
                    "its catalog has no {interface} address of a network service in region '{region}'"
                ))
            })?,
            _ => String::new(),
        };
        Ok((Token { value, endpoint }, until))
    }

    fn request(&self) -> Value {
        let config = &self.config;
        let password = config.password.as_ref().map_or("", |password| password.expose().as_str());
        let user = json!({
            "name": config.username,
            "domain": {"name": config.user_domain_name},
            "password": password,
        });
        let scope = match config.project_name.as_str() {
            "" => json!({"system": {"all": true}}),
            name => json!({"project": {"name": name, "domain": {"name": config.project_domain_name}}}),
        };
        json!({"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}})
    }

    fn endpoint(&self, catalog: &Value) -> Option<String> {
        let services = catalog.as_array().into_iter().flatten();
        let endpoints = services
            .filter(|service| service["type"] == "network")
            .flat_map(|service| service["endpoints"].as_array().into_iter().flatten());
        let region = self.config.region.as_str();
        let fits = |endpoint: &&Value| {
            let here = [&endpoint["region_id"], &endpoint["region"]].into_iter().any(|name| *name == region);
            endpoint["interface"] == self.config.interface.as_str() && (region.is_empty() || here)
        };
        endpoints.into_iter().find(fits)?["url"].as_str().map(str::to_owned)
    }
}

/// How long a token lasts, by Keystone's own clock.
fn lifetime(token: &Value) -> Option<Duration> {
    let time = |key: &str| OffsetDateTime::parse(token[key].as_str()?, &Rfc3339).ok();
    (time("expires_at")? - time("issued_at")?).try_into().ok()
}
