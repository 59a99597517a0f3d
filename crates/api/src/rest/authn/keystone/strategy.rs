//! Recognizing callers by their tokens.

use super::circuit::Circuit;
use super::client::{CallError, Client};
use super::own_token::OwnTokens;
use super::token::Token;
use super::validated::{Key, Known, Validated};
use crate::config::KeystoneConfig;
use crate::error::ApiError;
use crate::rest::authn::Caller;
use crate::rest::error::Fault;
use ferric_control::Actor;
use ferric_model::clock::SharedClock;
use ferric_model::secret::Secret;
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use tokio::time::{Instant, timeout_at};

const USER_TOKEN: &str = "x-auth-token";
const SERVICE_TOKEN: &str = "x-service-token";

/// Validates tokens at a Keystone.
#[derive(Debug)]
pub(crate) struct Keystone {
    config: Arc<KeystoneConfig>,
    clock: SharedClock,
    client: Client,
    own: OwnTokens,
    validated: Validated,
    circuit: Circuit,
    /// Roles that make a token a service's, lower case.
    service_roles: Vec<String>,
    /// What callers without a valid token are told.
    challenge: String,
}

/// Keystone does not answer; the reason has been logged.
#[derive(Debug)]
struct Unavailable;

impl Keystone {
    /// Prepares; Keystone itself is asked when the first token comes.
    ///
    /// **Errors**: `Config` when keys are missing or cannot be used.
    pub(crate) fn new(config: &KeystoneConfig, clock: SharedClock) -> Result<Self, ApiError> {
        config.check()?;
        let config = Arc::new(config.clone());
        let public = if config.public_url.is_empty() { &config.url } else { &config.public_url };
        let service_roles = config.service_roles.split(',').map(|role| role.trim().to_lowercase());
        let pause = time::Duration::seconds(i64::from(config.unavailable_pause_secs));
        Ok(Self {
            client: Client::new(Arc::clone(&config))?,
            own: OwnTokens::new(Arc::clone(&clock)),
            validated: Validated::new(
                config.cached_tokens,
                Duration::from_secs(config.cache_secs.max(config.refused_cache_secs).into()),
            ),
            circuit: Circuit::new(config.unavailable_after, pause),
            service_roles: service_roles.filter(|role| !role.is_empty()).collect(),
            challenge: format!("Keystone uri=\"{public}\""),
            config,
            clock,
        })
    }

    /// Recognizes the caller by the tokens that the request carries.
    pub(crate) async fn recognize(&self, caller: &Caller<'_>) -> Result<Actor, Fault> {
        let until = Instant::now() + Duration::from_millis(self.config.deadline_ms);
        let user = header(caller, USER_TOKEN).ok_or_else(|| self.refusal())?;
        let service = match header(caller, SERVICE_TOKEN) {
            Some(token) => {
                let service = self.find(token, false, until).await?.ok_or_else(|| self.refusal())?;
                if !service.has_any_role(&self.service_roles) {
                    return Err(self.refusal());
                }
                Some(service)
            }
            None => None,
        };
        let allow_expired = service.is_some() && self.config.allow_expired_with_service_token;
        let token = self.find(user, allow_expired, until).await?.ok_or_else(|| self.refusal())?;
        // What a service does for a user is no request of the user's own.
        if service.is_none() && !token.allows(caller.method, caller.path) {
            return Err(self.refusal());
        }
        Ok(token.actor(service.map(|service| service.roles()).unwrap_or_default()))
    }

    /// Whose token it is; nobody's if it is not valid.
    async fn find(
        &self,
        token: Secret<Vec<u8>>,
        allow_expired: bool,
        until: Instant,
    ) -> Result<Option<Arc<Token>>, Fault> {
        let key = Key::new(&token, allow_expired);
        let known = self.validated.get(key, self.clock.now(), self.ask(&token, allow_expired, until));
        match timeout_at(until, known).await {
            Ok(Ok(known)) => Ok(known.token),
            Ok(Err(_)) | Err(_) => {
                Err(Fault::unavailable("The Keystone service is temporarily unavailable."))
            }
        }
    }

    async fn ask(
        &self,
        token: &Secret<Vec<u8>>,
        allow_expired: bool,
        until: Instant,
    ) -> Result<Known, Unavailable> {
        if !self.circuit.lets_out(self.clock.now()) {
            return Err(Unavailable);
        }
        let outcome = timeout_at(until, self.validate(token, allow_expired)).await.unwrap_or_else(|_| {
            Err(CallError::Unavailable("it does not answer before the deadline".to_owned()))
        });
        match outcome {
            Ok(token) => {
                if self.circuit.succeeded() {
                    tracing::info!("Keystone answers again");
                }
                let token = token.map(Arc::new);
                Ok(Known { until: self.good_until(token.as_deref(), allow_expired), token })
            }
            Err(error) => {
                let opened = self.circuit.failed(self.clock.now());
                tracing::warn!(?error, opened, "Keystone does not validate tokens");
                Err(Unavailable)
            }
        }
    }

    async fn validate(
        &self,
        token: &Secret<Vec<u8>>,
        allow_expired: bool,
    ) -> Result<Option<Token>, CallError> {
        let own = self.own.get(&self.client).await?;
        let found = match self.client.validate(&own, token, allow_expired).await {
            Err(CallError::OwnTokenRefused) => {
                self.own.forget(&own);
                let own = self.own.get(&self.client).await?;
                self.client.validate(&own, token, allow_expired).await?
            }
            outcome => outcome?,
        };
        let now = self.clock.now();
        Ok(found.filter(|token| allow_expired || token.expires_at > now))
    }

    fn good_until(&self, token: Option<&Token>, allow_expired: bool) -> OffsetDateTime {
        let now = self.clock.now();
        let after = |secs: u32| now + time::Duration::seconds(i64::from(secs));
        match token {
            Some(_) if allow_expired => after(self.config.cache_secs),
            Some(token) => after(self.config.cache_secs).min(token.expires_at),
            None => after(self.config.refused_cache_secs),
        }
    }

    fn refusal(&self) -> Fault {
        Fault::no_token(self.challenge.clone())
    }
}

/// The token in a header, without the space that clients leave around it.
fn header(caller: &Caller<'_>, name: &str) -> Option<Secret<Vec<u8>>> {
    let token = caller.headers.get(name)?.as_bytes().trim_ascii();
    (!token.is_empty()).then(|| Secret::new(token.to_vec()))
}
