//! Who we are to a BMC: a session where it has them, else basic authentication.
//!
//! Source: DSP0266 clause 13.3 (authentication), 13.3.4 (sessions).

use super::bmc::{AUTH_TOKEN, Bmc};
use super::error::{RedfishError, Result};
use super::get::Tries;
use super::json;
use super::reply::{Call, Reply};
use super::said::Said;
use crate::driver_info::{AuthType, DriverInfo};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ferric_model::secret::Secret;
use reqwest::StatusCode;
use reqwest::header::HeaderValue;
use serde_json::json;
use tokio::sync::Mutex;

/// What a session is answered that is over already.
const GONE: [StatusCode; 3] = [StatusCode::UNAUTHORIZED, StatusCode::NOT_FOUND, StatusCode::GONE];

/// What is sent with each request.
#[derive(Debug, Clone)]
pub(super) enum Credential {
    None,
    Basic(Secret<HeaderValue>),
    Token(Secret<HeaderValue>),
}

/// The credentials of one user at one BMC, and what they were exchanged for.
#[derive(Debug)]
pub(super) struct Session {
    user: Option<(String, Secret<String>)>,
    auth_type: AuthType,
    held: Mutex<Option<Held>>,
}

/// What a login yields.
#[derive(Debug, Clone)]
struct Login {
    credential: Credential,
    /// Where the session is, for its end; none for what is not a session.
    session: Option<String>,
}

/// A login and its number; whoever was refused names the number, so that many who are refused at once log in once.
#[derive(Debug, Clone)]
struct Held {
    generation: u64,
    login: Login,
}

impl From<Credential> for Login {
    fn from(credential: Credential) -> Self {
        Self { credential, session: None }
    }
}

impl Session {
    pub fn new(info: &DriverInfo) -> Self {
        Self { user: info.credentials.clone(), auth_type: info.auth_type, held: Mutex::default() }
    }

    pub(super) fn password(&self) -> &str {
        self.user.as_ref().map_or("", |(_, password)| password.expose())
    }

    fn basic(&self) -> Credential {
        let Some((username, password)) = &self.user else { return Credential::None };
        let text = STANDARD.encode(format!("{username}:{}", password.expose()));
        HeaderValue::from_str(&format!("Basic {text}"))
            .map_or(Credential::None, |value| Credential::Basic(sealed(value)))
    }
}

/// A header that neither this crate nor the transport shows.
fn sealed(mut value: HeaderValue) -> Secret<HeaderValue> {
    value.set_sensitive(true);
    Secret::new(value)
}

impl Bmc {
    /// Sends a request with our credentials; a session that has ended is renewed once. A request that was answered 401
    /// was not carried out, so that sending it again repeats nothing.
    pub(super) async fn authorized(&self, call: &Call<'_>) -> Result<Reply> {
        let (generation, credential) = self.credential(None).await?;
        let mut reply = self.exchange(call, &credential).await?;
        if reply.status == StatusCode::UNAUTHORIZED && matches!(credential, Credential::Token(_)) {
            let (_, renewed) = self.credential(Some(generation)).await?;
            reply = self.exchange(call, &renewed).await?;
        }
        if reply.status == StatusCode::UNAUTHORIZED {
            return Err(self.unauthorized(call, &reply));
        }
        Ok(reply)
    }

    fn unauthorized(&self, call: &Call<'_>, reply: &Reply) -> RedfishError {
        let said = Said::in_error(reply.status, &reply.body).without(&[self.session.password()]);
        RedfishError::Unauthorized { request: self.answered(call, reply, &[]), said: Box::new(said) }
    }

    /// A refusal in the BMC's own words, without our secrets and without what the caller wants to `hide`.
    pub(super) fn refused(&self, call: &Call<'_>, reply: &Reply, hide: &[&str]) -> RedfishError {
        let said =
            Said::in_error(reply.status, &reply.body).without(&[self.session.password()]).without(hide);
        RedfishError::Refused {
            request: self.answered(call, reply, hide),
            status: reply.status.as_u16(),
            said: Box::new(said),
        }
    }

    async fn credential(&self, refused: Option<u64>) -> Result<(u64, Credential)> {
        let mut held = self.session.held.lock().await;
        if let Some(held) = held.as_ref()
            && refused != Some(held.generation)
        {
            return Ok((held.generation, held.login.credential.clone()));
        }
        let generation = held.as_ref().map_or(0, |held| held.generation) + 1;
        // If the login fails the old credential is of no use either.
        *held = None;
        let login = self.log_in().await?;
        let credential = login.credential.clone();
        *held = Some(Held { generation, login });
        Ok((generation, credential))
    }

    /// Ends the session, if there is one: BMCs have room for a few, and keep each until nobody has used it for long.
    /// Whoever speaks with the BMC afterwards logs in anew.
    pub(super) async fn log_out(&self) {
        let Some(Held { login: Login { credential, session: Some(session) }, .. }) =
            self.session.held.lock().await.take()
        else {
            return;
        };
        let call = Call::delete(&session);
        match self.exchange(&call, &credential).await {
            // A session that is over already is what was wanted.
            Ok(reply) if reply.status.is_success() || GONE.contains(&reply.status) => {}
            Ok(reply) => {
                let error = self.refused(&call, &reply, &[]);
                tracing::info!(bmc = %self.address, %error, "the session was not ended");
            }
            Err(error) => tracing::info!(bmc = %self.address, %error, "the session was not ended"),
        }
    }

    async fn log_in(&self) -> Result<Login> {
        let Some((username, password)) = &self.session.user else { return Ok(Credential::None.into()) };
        let basic = self.session.basic();
        let otherwise = match self.session.auth_type {
            AuthType::Basic => return Ok(basic.into()),
            AuthType::Auto => Some(basic.clone()),
            AuthType::Session => None,
        };
        let sessions = match (self.sessions_path(&basic).await?, otherwise.clone()) {
            (Some(sessions), _) => sessions,
            (None, Some(basic)) => return Ok(basic.into()),
            (None, None) => {
                let resource = format!("{}{}", self.address, self.root_path);
                return Err(RedfishError::Missing { resource, what: "session service" });
            }
        };
        let body = json!({"UserName": username, "Password": password.expose()});
        let call = Call::post(&sessions, &body, &[]);
        let reply = self.persist(&call).await?;
        let token = reply.headers.get(&AUTH_TOKEN).filter(|_| reply.status.is_success());
        match (token, otherwise) {
            (Some(token), _) => {
                let session = reply.location().map(str::to_owned);
                let shown =
                    || reply.json().and_then(|body| json::text(&body, &["@odata.id"]).map(str::to_owned));
                let credential = Credential::Token(sealed(token.clone()));
                Ok(Login { credential, session: session.or_else(shown) })
            }
            // Told plainly that the password is wrong, trying it in another way would only help to lock the account.
            (None, _) if reply.status == StatusCode::UNAUTHORIZED => Err(self.unauthorized(&call, &reply)),
            (None, Some(basic)) => {
                tracing::info!(bmc = %self.address, status = reply.status.as_u16(), "no session; basic authentication");
                Ok(basic.into())
            }
            (None, None) if reply.status.is_success() => Err(RedfishError::Nonsense {
                request: self.request(&call),
                what: "a session without X-Auth-Token".to_owned(),
            }),
            (None, None) => Err(self.refused(&call, &reply, &[])),
        }
    }

    /// Sends a login until it is answered: logging in twice makes a second session and changes nothing else. One that was
    /// taken and not answered in time is given up.
    async fn persist(&self, call: &Call<'_>) -> Result<Reply> {
        let mut tries = Tries::new(&self.config);
        loop {
            match self.exchange(call, &Credential::None).await {
                Err(error)
                    if error.retryable() && !matches!(error, RedfishError::Timeout { sent: true, .. }) =>
                {
                    if !tries.another().await {
                        return Err(error);
                    }
                }
                result => return result,
            }
        }
    }

    /// The collection of sessions, as the service root links it.
    async fn sessions_path(&self, basic: &Credential) -> Result<Option<String>> {
        let root = self.root().await?;
        if let Some(direct) = json::link(&root.body, &["Links", "Sessions"]) {
            return Ok(Some(direct.to_owned()));
        }
        let Some(service) = json::link(&root.body, &["SessionService"]) else { return Ok(None) };
        match self.read_as(service, basic).await {
            Ok(service) => Ok(json::link(&service.body, &["Sessions"]).map(str::to_owned)),
            Err(RedfishError::Refused { .. } | RedfishError::Nonsense { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What authenticates a read of the service root where that is, against the standard, not open to everybody.
    pub(super) fn root_credential(&self) -> Credential {
        self.session.basic()
    }
}
