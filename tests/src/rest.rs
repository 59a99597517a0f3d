//! A small client of the REST API, as any user would write one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::wait::{Look, wait_for};

/// What is spoken unless a test asks for another version.
const VERSION: &str = "1.115";

/// How long one exchange may take.
const EXCHANGE: Duration = Duration::from_secs(60);

/// How long who is busy is asked again.
const BUSY: Duration = Duration::from_secs(60);

/// Talks to one or several API processes in turn.
#[derive(Debug, Clone)]
pub struct Rest {
    http: reqwest::Client,
    bases: Arc<[String]>,
    turn: Arc<AtomicUsize>,
    version: String,
}

/// An answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its body; null if there is none.
    pub body: Value,
}

impl Answer {
    /// The text of an error body, unwrapped from its inner document.
    pub fn fault(&self) -> String {
        let inner = self.body["error_message"].as_str().unwrap_or_default();
        match serde_json::from_str::<Value>(inner) {
            Ok(document) => document["faultstring"].as_str().unwrap_or(inner).to_owned(),
            Err(_) => self.body.to_string(),
        }
    }
}

impl Rest {
    /// A client of the API processes at these URLs.
    pub fn new(bases: &[String]) -> anyhow::Result<Self> {
        // A second installation fails, and then the first one serves.
        drop(rustls::crypto::ring::default_provider().install_default());
        let http = reqwest::Client::builder().no_proxy().timeout(EXCHANGE).build()?;
        let bases = bases.iter().map(|base| base.trim_end_matches('/').to_owned()).collect();
        Ok(Self { http, bases, turn: Arc::default(), version: VERSION.to_owned() })
    }

    /// The same client with another microversion.
    #[must_use]
    pub fn at_version(&self, version: &str) -> Self {
        Self { version: version.to_owned(), ..self.clone() }
    }

    /// The URLs of the API processes.
    pub fn bases(&self) -> &[String] {
        &self.bases
    }

    /// One exchange with the API process whose turn it is.
    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Answer> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let base = &self.bases[turn % self.bases.len()];
        self.send_to(base, method, path, body).await
    }

    /// One exchange with one API process.
    pub async fn send_to(
        &self,
        base: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<Answer> {
        let words = format!("{method} {base}{path}");
        let mut request = self.http.request(method, format!("{base}{path}"));
        request = request.header("X-OpenStack-Ironic-API-Version", &self.version);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.with_context(|| words.clone())?;
        let status = answer.status();
        let text = answer.text().await.with_context(|| words.clone())?;
        let body = match text.is_empty() {
            true => Value::Null,
            false => serde_json::from_str(&text).with_context(|| format!("{words} was answered {text}"))?,
        };
        Ok(Answer { status, body })
    }

    /// Sends until neither the node (409) nor the service (503) is busy, as clients of this API do.
    ///
    /// **Errors**: any other status that is no success, with the server's words.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        wait_for(format!("{method} {path}"), BUSY, async || {
            let answer = self.send(method.clone(), path, body).await?;
            match answer.status {
                status if status.is_success() => Ok(Look::There(answer.body)),
                StatusCode::CONFLICT | StatusCode::SERVICE_UNAVAILABLE => Ok(Look::NotYet(answer.fault())),
                status => bail!("{method} {path} was answered {status}: {}", answer.fault()),
            }
        })
        .await
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.call(Method::GET, path, None).await
    }

    /// `POST`.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.call(Method::POST, path, Some(body)).await
    }

    /// `PUT`.
    pub async fn put(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.call(Method::PUT, path, Some(body)).await
    }

    /// `PATCH`.
    pub async fn patch(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.call(Method::PATCH, path, Some(body)).await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> anyhow::Result<Value> {
        self.call(Method::DELETE, path, None).await
    }
}
