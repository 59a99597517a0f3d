//! How often each caller may ask.

use super::buckets::Buckets;
use crate::config::LimitsConfig;
use crate::rest::error::Fault;
use actix_web::HttpRequest;
use ferric_control::Actor;
use time::OffsetDateTime;

/// Rates by address, user and project; each may be absent.
#[derive(Debug)]
pub(crate) struct Rates {
    addresses: Option<Buckets>,
    users: Option<Buckets>,
    projects: Option<Buckets>,
    forwarded: bool,
}

/// What a proxy says of the address of its client; the last entry is its own, what stands before it is hearsay.
const FORWARDED_FOR: &str = "x-forwarded-for";

impl Rates {
    /// What the operator decided.
    pub(crate) fn new(config: &LimitsConfig) -> Self {
        let buckets = |per_minute| Buckets::new(per_minute, config.burst_requests);
        Self {
            addresses: buckets(config.address_requests_per_minute),
            users: buckets(config.user_requests_per_minute),
            projects: buckets(config.project_requests_per_minute),
            forwarded: config.forwarded_addresses,
        }
    }

    /// Counts a request by its address.
    ///
    /// **Errors**: 429.
    pub(crate) async fn check_address(
        &self,
        request: &HttpRequest,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        if self.addresses.is_none() {
            return Ok(());
        }
        let forwarded = || {
            let list = request.headers().get_all(FORWARDED_FOR).last()?.to_str().ok()?;
            Some(list.rsplit(',').next()?.trim().to_owned())
        };
        let peer = || request.peer_addr().map(|address| address.ip().to_string());
        let address = if self.forwarded { forwarded().or_else(peer) } else { peer() };
        check(self.addresses.as_ref(), address.as_deref(), "from this address", now).await
    }

    /// Counts a request by its caller.
    ///
    /// **Errors**: 429.
    pub(crate) async fn check_actor(&self, actor: &Actor, now: OffsetDateTime) -> Result<(), Fault> {
        check(self.users.as_ref(), actor.user.as_deref(), "of this user", now).await?;
        check(self.projects.as_ref(), actor.project.as_deref(), "of this project", now).await
    }
}

async fn check(
    buckets: Option<&Buckets>,
    caller: Option<&str>,
    whose: &str,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    let (Some(buckets), Some(caller)) = (buckets, caller) else { return Ok(()) };
    buckets.take(caller, now).await.map_err(|secs| Fault::too_many(whose, secs))
}
