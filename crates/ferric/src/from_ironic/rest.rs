//! Requests to an Ironic or a Ferric: both speak the same.

use super::service::Endpoint;
use anyhow::{Context, bail};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use std::time::Duration;

/// The newest microversion that the service has.
const VERSION: &str = "latest";
/// Rows of one page.
const PAGE: usize = 500;

/// A client of one service.
#[derive(Debug, Clone)]
pub struct Rest {
    http: reqwest::Client,
    endpoint: Endpoint,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its JSON, null if there is none.
    pub body: Value,
}

impl Answer {
    /// What the service said went wrong.
    pub fn text(&self) -> String {
        let message = self.body["error_message"].clone();
        let inner = match &message {
            Value::String(text) => serde_json::from_str(text).unwrap_or(Value::Null),
            other => other.clone(),
        };
        let text = ["faultstring", "title"].iter().find_map(|key| inner[*key].as_str());
        text.map_or_else(|| format!("status {}", self.status), str::to_owned)
    }
}

impl Rest {
    /// A client of the service at this address.
    pub fn of(endpoint: &Endpoint) -> anyhow::Result<Self> {
        let url = endpoint.url.trim_end_matches('/').trim_end_matches("/v1").to_owned();
        if !url.starts_with("http://") && !url.starts_with("https://") {
            bail!("expected an http:// or https:// URL, not '{url}'");
        }
        let http = reqwest::Client::builder().timeout(Duration::from_secs(60)).build()?;
        Ok(Self { http, endpoint: Endpoint { url, ..endpoint.clone() } })
    }

    /// Every row of a collection, page by page; none where the service does not have it.
    pub async fn list(&self, path: &str, key: &str) -> anyhow::Result<Vec<Value>> {
        let mut rows = Vec::new();
        let mut marker: Option<String> = None;
        loop {
            let separator = if path.contains('?') { '&' } else { '?' };
            let mut page = format!("{path}{separator}limit={PAGE}");
            if let Some(last) = &marker {
                page.push_str(&format!("&marker={last}"));
            }
            let mut answer = self.get(&page).await?;
            match answer.status {
                200 => {}
                404 | 406 if rows.is_empty() => return Ok(rows),
                _ => bail!("GET {page}: {}", answer.text()),
            }
            let Value::Array(more) = answer.body[key].take() else {
                bail!("GET {page}: no '{key}' in the answer")
            };
            let last = more.last().and_then(|row| row["uuid"].as_str()).map(str::to_owned);
            let full = more.len() == PAGE;
            rows.extend(more);
            match last {
                Some(last) if full => marker = Some(last),
                _ => return Ok(rows),
            }
        }
    }

    /// One GET.
    pub async fn get(&self, path: &str) -> anyhow::Result<Answer> {
        self.ask(self.request(Method::GET, path), path).await
    }

    /// One request with a body.
    pub async fn send(&self, method: Method, path: &str, body: &Value) -> anyhow::Result<Answer> {
        self.ask(self.request(method, path).json(body), path).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self
            .http
            .request(method, format!("{}{path}", self.endpoint.url))
            .header("X-OpenStack-Ironic-API-Version", VERSION);
        match (&self.endpoint.token, &self.endpoint.user) {
            (Some(token), _) => request.header("X-Auth-Token", token),
            (None, Some(user)) => {
                let (name, password) = user.split_once(':').unwrap_or((user, ""));
                request.basic_auth(name, Some(password))
            }
            (None, None) => request,
        }
    }

    async fn ask(&self, request: RequestBuilder, path: &str) -> anyhow::Result<Answer> {
        let answer = request.send().await.map_err(reqwest::Error::without_url);
        let answer = answer.with_context(|| format!("{}{path} does not answer", self.endpoint.url))?;
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap_or_default();
        if status == 401 {
            bail!("{}{path} wants to know who asks: give a token, or user and password", self.endpoint.url);
        }
        Ok(Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::Null) })
    }
}
