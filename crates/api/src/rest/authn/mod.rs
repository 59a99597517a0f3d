//! Who makes a request.

mod http_basic;
mod keystone;

use super::error::Fault;
use crate::config::{AuthConfig, AuthStrategy};
use crate::error::ApiError;
use actix_web::http::header::HeaderMap;
use ferric_control::Actor;
use ferric_model::clock::SharedClock;
use http_basic::HttpBasic;
use keystone::Keystone;

/// Recognizes callers.
#[derive(Debug)]
pub(crate) enum Authenticator {
    /// Everybody may do everything.
    Noauth,
    /// User and password with each request.
    HttpBasic(HttpBasic),
    /// A token of Keystone with each request.
    Keystone(Box<Keystone>),
}

/// What a request says of its caller.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller<'a> {
    /// HTTP method.
    pub method: &'a str,
    /// Path, as it was sent.
    pub path: &'a str,
    /// Headers.
    pub headers: &'a HeaderMap,
}

/// Paths below `/v1` that need no credentials: discovery, and what ramdisks call.
const PUBLIC: [&str; 3] = ["lookup", "continue_inspection", "heartbeat"];

impl Authenticator {
    /// Sets up the strategy that the operator chose.
    ///
    /// **Errors**: `Config` when the file of users or the address of Keystone cannot be used.
    pub(crate) fn new(config: &AuthConfig, clock: &SharedClock) -> Result<Self, ApiError> {
        match config.strategy {
            AuthStrategy::Noauth => Ok(Self::Noauth),
            AuthStrategy::HttpBasic => HttpBasic::open(&config.http_basic_file).map(Self::HttpBasic),
            AuthStrategy::Keystone => {
                let keystone = Keystone::new(&config.keystone, SharedClock::clone(clock))?;
                Ok(Self::Keystone(Box::new(keystone)))
            }
        }
    }

    /// Recognizes the caller of a request to `parts` below `/v1/`.
    pub(crate) async fn recognize(&self, parts: &[String], caller: &Caller<'_>) -> Result<Actor, Fault> {
        match self {
            Self::HttpBasic(basic) if !is_public(parts) => basic.recognize(caller.headers).await,
            Self::Noauth | Self::HttpBasic(_) => Ok(Actor::unrestricted()),
            Self::Keystone(keystone) if !is_public(parts) => keystone.recognize(caller).await,
            Self::Keystone(_) => Ok(Actor::public()),
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
