//! What keeps one caller from standing in the way of the others.

use serde::Deserialize;

/// Section `api.limits` of the configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// Connections that may be open at once; more wait until one is closed.
    pub max_connections: usize,
    /// How long the head of a request may take to come in, in seconds.
    pub header_timeout_secs: u64,
    /// How long the body of a request may take to come in, in seconds.
    pub body_timeout_secs: u64,
    /// How long a client may leave unread what it was sent, in seconds; then its connection is closed.
    pub send_timeout_secs: u64,
    /// How long a caller waits for an answer, in seconds; what was begun goes on.
    pub request_timeout_secs: u64,
    /// Requests that are worked on at once; 0 means any number.
    pub max_concurrent_requests: usize,
    /// Requests that may wait for their turn; more are refused.
    pub max_queued_requests: usize,
    /// Requests a minute of one user; 0 means any number.
    pub user_requests_per_minute: u32,
    /// Requests a minute of one project; 0 means any number.
    pub project_requests_per_minute: u32,
    /// Requests a minute from one address; 0 means any number.
    pub address_requests_per_minute: u32,
    /// How many requests may come at once before the three rates count.
    pub burst_requests: u32,
    /// Whether the address is what the proxy before this service says in `X-Forwarded-For`.
    pub forwarded_addresses: bool,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            max_connections: 10_000,
            header_timeout_secs: 10,
            body_timeout_secs: 60,
            send_timeout_secs: 60,
            request_timeout_secs: 180,
            max_concurrent_requests: 256,
            max_queued_requests: 1024,
            user_requests_per_minute: 0,
            project_requests_per_minute: 0,
            address_requests_per_minute: 0,
            burst_requests: 100,
            forwarded_addresses: false,
        }
    }
}
