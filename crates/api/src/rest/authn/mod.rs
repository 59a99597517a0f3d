//! Who makes a request.

mod http_basic;

use super::error::Fault;
use crate::config::{AuthConfig, AuthStrategy};
use crate::error::ApiError;
use actix_web::http::header::HeaderMap;
use ferric_control::Actor;
use http_basic::HttpBasic;

/// Recognizes callers.
#[derive(Debug)]
pub(crate) enum Authenticator {
    /// Everybody may do everything.
    Noauth,
    /// User and password with each request.
    HttpBasic(HttpBasic),
}

/// Paths below `/v1` that need no credentials: discovery, and what ramdisks call.
const PUBLIC: [&str; 3] = ["lookup", "continue_inspection", "heartbeat"];

impl Authenticator {
    /// Sets up the strategy that the operator chose.
    ///
    /// **Errors**: `Config` when the file of users cannot be used.
    pub(crate) fn new(config: &AuthConfig) -> Result<Self, ApiError> {
        match config.strategy {
            AuthStrategy::Noauth => Ok(Self::Noauth),
            AuthStrategy::HttpBasic => HttpBasic::open(&config.http_basic_file).map(Self::HttpBasic),
        }
    }

    /// Recognizes the caller of a request to `parts` below `/v1/`.
    pub(crate) async fn recognize(&self, parts: &[String], headers: &HeaderMap) -> Result<Actor, Fault> {
        match self {
            Self::HttpBasic(basic) if !is_public(parts) => basic.recognize(headers).await,
            _ => Ok(Actor::unrestricted()),
        }
    }
}

/// Whether a path needs no credentials.
///
/// Source: `contract: rest-api` section 3; a heartbeat names the node by letters of a UUID or a simple name.
fn is_public(parts: &[String]) -> bool {
    let simple = |ident: &str| {
        ident.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') && !ident.is_empty()
    };
    match parts {
        [] => true,
        [one] => PUBLIC[..2].contains(&one.as_str()),
        [one, ident] => one == PUBLIC[2] && simple(ident),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_public;

    #[test]
    fn discovery_and_ramdisks_need_no_credentials() {
        let parts =
            |path: &str| path.split('/').filter(|p| !p.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        for public in ["", "lookup", "continue_inspection", "heartbeat/1be26c0b-03f2-4d2e-ae87-c02d7f33c123"]
        {
            assert!(is_public(&parts(public)), "{public}");
        }
        for private in ["nodes", "heartbeat", "heartbeat/a/b", "heartbeat/A", "lookup/x", "nodes/lookup"] {
            assert!(!is_public(&parts(private)), "{private}");
        }
    }
}
