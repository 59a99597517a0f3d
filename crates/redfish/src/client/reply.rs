//! One request and its answer, before anybody makes sense of them.

use super::json;
use reqwest::header::{HeaderMap, HeaderName, LOCATION, RETRY_AFTER};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::time::Duration;

/// HTTP methods that this client uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Get,
    Post,
    Patch,
    Delete,
}

/// A request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call<'a> {
    pub verb: Verb,
    /// A path, or a URL whose host does not matter.
    pub path: &'a str,
    pub body: Option<&'a Value>,
    pub if_match: Option<&'a str>,
    /// Texts that no quotation of this call may have.
    pub hide: &'a [&'a str],
}

/// An answer.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Verb {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    pub const fn method(self) -> Method {
        match self {
            Self::Get => Method::GET,
            Self::Post => Method::POST,
            Self::Patch => Method::PATCH,
            Self::Delete => Method::DELETE,
        }
    }
}

impl<'a> Call<'a> {
    pub const fn get(path: &'a str) -> Self {
        Self { verb: Verb::Get, path, body: None, if_match: None, hide: &[] }
    }

    pub const fn post(path: &'a str, body: &'a Value, hide: &'a [&'a str]) -> Self {
        Self { verb: Verb::Post, path, body: Some(body), if_match: None, hide }
    }

    pub const fn delete(path: &'a str) -> Self {
        Self { verb: Verb::Delete, path, body: None, if_match: None, hide: &[] }
    }
}

impl Reply {
    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok().map(str::trim).filter(|text| !text.is_empty())
    }

    pub fn location(&self) -> Option<&str> {
        self.header(&LOCATION)
    }

    /// The body, if it is JSON.
    pub fn json(&self) -> Option<Value> {
        json::parse(&self.body)
    }

    /// Where the same request is to be sent instead. A change is sent elsewhere only by the two statuses that promise
    /// that it was not looked at.
    pub fn redirect(&self, verb: Verb) -> Option<&str> {
        let followed = match self.status.as_u16() {
            301..=303 => verb == Verb::Get,
            307 | 308 => true,
            _ => false,
        };
        self.location().filter(|_| followed)
    }

    /// How long the BMC asks us to wait, at most `longest`.
    pub fn retry_after(&self, longest: Duration) -> Option<Duration> {
        let seconds = self.header(&RETRY_AFTER)?.parse().ok()?;
        Some(Duration::from_secs(seconds).min(longest))
    }
}
