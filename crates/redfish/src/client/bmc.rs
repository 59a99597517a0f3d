//! One BMC: its address, its budget of requests, and the sending of one request.

use super::error::{RedfishError, Request, Result};
use super::get::Resource;
use super::reply::{Call, Reply};
use super::session::{Credential, Session};
use crate::config::RedfishConfig;
use crate::driver_info::DriverInfo;
use ferric_model::failure::masked_body;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, IF_MATCH};
use rustls::ClientConfig;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use url::Url;

/// Longest body that is read.
const LONGEST_BODY: usize = 8 << 20;

/// How often one request is sent elsewhere.
const MOST_REDIRECTS: usize = 3;

/// Header of session tokens.
pub(super) static AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");

/// A BMC, with one session and a few open connections.
#[derive(Debug)]
pub struct Bmc {
    pub(super) address: Arc<str>,
    pub(super) root_path: String,
    pub(super) config: Arc<RedfishConfig>,
    pub(super) session: Session,
    pub(super) known: Mutex<Known>,
    origin: Url,
    http: reqwest::Client,
    budget: Arc<Semaphore>,
}

/// What was learned of the service and rarely changes.
#[derive(Debug, Default, Clone)]
pub(super) struct Known {
    pub root: Option<Arc<Resource>>,
    pub only_system: Option<String>,
}

impl Bmc {
    pub(super) fn new(
        info: &DriverInfo,
        tls: ClientConfig,
        name: &str,
        config: Arc<RedfishConfig>,
        budget: Arc<Semaphore>,
    ) -> reqwest::Result<Self> {
        // No proxy: BMCs live in a network of their own. No automatic redirect: it would turn an action into a read and
        // carry the token to other hosts. Short idle time: small web servers drop connections without a word.
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(name)
            .http1_only()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(config.connect_timeout())
            .timeout(config.answer_timeout())
            .pool_idle_timeout(Duration::from_secs(5))
            .pool_max_idle_per_host(config.requests_per_bmc)
            .build()?;
        Ok(Self {
            address: info.shown_address().into(),
            root_path: info.root_path.clone(),
            session: Session::new(info),
            known: Mutex::default(),
            origin: info.origin.clone(),
            http,
            budget,
            config,
        })
    }

    /// The settings.
    pub fn config(&self) -> &RedfishConfig {
        &self.config
    }

    /// The address as people may see it.
    pub fn address(&self) -> &str {
        &self.address
    }

    pub(super) fn known(&self) -> Known {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn learn(&self, change: impl FnOnce(&mut Known)) {
        change(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn request(&self, call: &Call<'_>) -> Request {
        let hide = self.hidden(call.hide);
        let mut request = Request::new(&self.address, call.verb.as_str(), call.path);
        request.said.sent = call.body.map(|body| masked_body(body.to_string().as_bytes(), &hide));
        request
    }

    /// The same with what was answered, freed of secrets and of `hide`.
    pub(super) fn answered(&self, call: &Call<'_>, reply: &Reply, hide: &[&str]) -> Request {
        let text = masked_body(&reply.body, &self.hidden(&[call.hide, hide].concat()));
        let mut request = self.request(call);
        request.said.answer = Some((reply.status.as_u16(), text));
        request
    }

    fn hidden<'a>(&'a self, also: &[&'a str]) -> Vec<&'a str> {
        [also, &[self.session.password()]].concat()
    }

    /// Sends one request, follows redirects within the BMC, and makes no sense of the answer.
    pub(super) async fn exchange(&self, call: &Call<'_>, credential: &Credential) -> Result<Reply> {
        let mut path = call.path.to_owned();
        for _ in 0..=MOST_REDIRECTS {
            let reply = self.send(call, &path, credential).await?;
            match reply.redirect(call.verb) {
                Some(elsewhere) => path = elsewhere.to_owned(),
                None => return Ok(reply),
            }
        }
        let what = format!("it was redirected {MOST_REDIRECTS} times, at last to {path}");
        Err(RedfishError::Nonsense { request: self.request(call), what })
    }

    async fn send(&self, call: &Call<'_>, path: &str, credential: &Credential) -> Result<Reply> {
        let url = self.locate(call, path)?;
        let deadline = self.config.answer_timeout();
        let permit = timeout(deadline, self.budget.acquire()).await.map_err(|_| RedfishError::Timeout {
            request: self.request(call),
            after: deadline,
            sent: false,
        })?;
        let mut request = self.http.request(call.verb.method(), url).header(ACCEPT, "application/json");
        request = match credential {
            Credential::None => request,
            Credential::Basic(value) => request.header(AUTHORIZATION, value.expose().clone()),
            Credential::Token(value) => request.header(&AUTH_TOKEN, value.expose().clone()),
        };
        if let Some(tag) = call.if_match.and_then(|tag| HeaderValue::from_str(tag).ok()) {
            request = request.header(IF_MATCH, tag);
        }
        if let Some(body) = call.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let mut response = request.send().await.map_err(|error| self.transport_error(call, error))?;
        let mut reply =
            Reply { status: response.status(), headers: response.headers().clone(), body: Vec::new() };
        // A body that breaks off is cut there: the status has already said what became of a change, and a read will
        // not make sense of the rest.
        while let Ok(Some(chunk)) = response.chunk().await {
            reply.body.extend_from_slice(&chunk);
            if reply.body.len() > LONGEST_BODY {
                let what = format!("it is longer than {LONGEST_BODY} bytes");
                return Err(RedfishError::Nonsense { request: self.request(call), what });
            }
        }
        drop(permit);
        tracing::debug!(bmc = %self.address, method = call.verb.as_str(), path, status = reply.status.as_u16());
        Ok(reply)
    }

    /// A link inside this BMC. Many BMCs do not know the name by which they are reached, so of an absolute URL only
    /// the path counts, and a token never leaves for another host.
    fn locate(&self, call: &Call<'_>, link: &str) -> Result<Url> {
        let located = self.origin.join(link).ok().map(|there| {
            let mut here = self.origin.clone();
            here.set_path(there.path());
            here.set_query(there.query());
            here
        });
        located.ok_or_else(|| RedfishError::Nonsense {
            request: self.request(call),
            what: "it leads to something that is no path".to_owned(),
        })
    }

    fn transport_error(&self, call: &Call<'_>, error: reqwest::Error) -> RedfishError {
        let error = error.without_url();
        let sent = !(error.is_connect() || error.is_builder());
        if let Some(cause) = tls_cause(&error) {
            return RedfishError::Tls { address: Arc::clone(&self.address), cause };
        }
        if error.is_timeout() {
            let after = if sent { self.config.answer_timeout() } else { self.config.connect_timeout() };
            return RedfishError::Timeout { request: self.request(call), after, sent };
        }
        RedfishError::Unreachable { request: self.request(call), cause: innermost(&error), sent }
    }
}

/// An error and its causes. An `io::Error` names the cause of what it wraps, and not what it wraps.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<std::io::Error>() {
        Some(wrapper) => wrapper.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => error.source(),
    })
}

fn innermost(error: &(dyn Error + 'static)) -> String {
    chain(error).last().map_or_else(String::new, ToString::to_string)
}

fn tls_cause(error: &(dyn Error + 'static)) -> Option<String> {
    chain(error).find_map(|error| error.downcast_ref::<rustls::Error>()).map(ToString::to_string)
}
