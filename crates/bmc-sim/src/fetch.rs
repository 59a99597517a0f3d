//! Reading what other people serve: boot images by the BMC, kernels' parameters by the firmware, disk images by the agent.

use std::fmt;
use std::time::Duration;

use futures::StreamExt;
use reqwest::header::{CONTENT_RANGE, RANGE};
use reqwest::{Client, RequestBuilder, Response, StatusCode};

use crate::error::SimError;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const READ_TIMEOUT: Duration = Duration::from_secs(30);
const PROBE_TIMEOUT: Duration = Duration::from_secs(10);

/// Shorter than servers keep connections that nobody uses: a request over one that is being closed fails, and firmware asks only once.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(2);

/// Most that firmware keeps of what it boots from a URL.
const LONGEST_FILE: usize = 1 << 30;

/// Where something is fetched from.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub url: String,
    pub username: Option<String>,
    pub password: Option<String>,
}

/// Why a fetch failed, in words fit for an error message.
#[derive(Debug)]
pub(crate) struct FetchFailure {
    pub status: Option<u16>,
    pub reason: String,
}

/// The one client of a simulator. Certificates are not checked: firmware and ramdisks reach servers whose authority
/// they were never told about.
pub(crate) fn client() -> Result<Client, SimError> {
    // A second installation fails, and then the first one serves.
    drop(rustls::crypto::ring::default_provider().install_default());
    Client::builder()
        .no_proxy()
        .tls_danger_accept_invalid_certs(true)
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
        .pool_max_idle_per_host(8)
        .pool_idle_timeout(POOL_IDLE_TIMEOUT)
        .build()
        .map_err(|error| SimError::Start { what: format!("HTTP client: {error}") })
}

/// Whether an image can be read at all: HEAD, or for servers that refuse HEAD the first bytes.
pub(crate) async fn probe(client: &Client, source: &Source) -> Result<(), FetchFailure> {
    let attempt = async {
        let head = source.authorize(client.head(&source.url)).send().await?;
        if head.status().is_success() {
            return Ok(head);
        }
        source.authorize(client.get(&source.url)).header(RANGE, "bytes=0-2047").send().await
    };
    let response = tokio::time::timeout(PROBE_TIMEOUT, attempt)
        .await
        .map_err(|_| FetchFailure::new("no answer in time"))?
        .map_err(FetchFailure::from)?;
    accept(response).map(drop)
}

/// Reads `length` bytes at `offset`, fewer at the end of the file; copes with servers that ignore ranges.
pub(crate) async fn read_range(
    client: &Client,
    source: &Source,
    offset: u64,
    length: u64,
) -> Result<Vec<u8>, FetchFailure> {
    let range = format!("bytes={offset}-{}", offset + length - 1);
    let request = source.authorize(client.get(&source.url)).header(RANGE, range);
    let response = accept(request.send().await?)?;
    let start = match response.status() {
        StatusCode::PARTIAL_CONTENT => range_start(&response).unwrap_or(offset),
        _ => 0,
    };
    let Some(mut skip) = offset.checked_sub(start) else {
        return Err(FetchFailure::new("the server answered another range than asked for"));
    };
    let mut found = Vec::new();
    let mut body = response.bytes_stream();
    while (found.len() as u64) < length {
        let Some(chunk) = body.next().await else { break };
        let chunk = chunk?;
        let dropped = skip.min(chunk.len() as u64);
        skip -= dropped;
        found.extend_from_slice(&chunk[usize::try_from(dropped).unwrap_or(chunk.len())..]);
    }
    found.truncate(usize::try_from(length).unwrap_or(usize::MAX));
    Ok(found)
}

/// Reads a whole file.
pub(crate) async fn read_whole(client: &Client, source: &Source) -> Result<Vec<u8>, FetchFailure> {
    let response = accept(source.authorize(client.get(&source.url)).send().await?)?;
    let mut found = Vec::new();
    let mut body = response.bytes_stream();
    while let Some(chunk) = body.next().await {
        found.extend_from_slice(&chunk?);
        if found.len() > LONGEST_FILE {
            return Err(FetchFailure::new("the file is larger than the memory for it"));
        }
    }
    Ok(found)
}

fn range_start(response: &Response) -> Option<u64> {
    let header = response.headers().get(CONTENT_RANGE)?.to_str().ok()?;
    header.strip_prefix("bytes ")?.split('-').next()?.parse().ok()
}

/// Turns an error status into a failure.
pub(crate) fn accept(response: Response) -> Result<Response, FetchFailure> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    Err(FetchFailure { status: Some(status.as_u16()), reason: format!("status {}", status.as_u16()) })
}

impl Source {
    /// A URL without credentials.
    pub(crate) fn plain(url: &str) -> Self {
        Self { url: url.to_owned(), username: None, password: None }
    }

    pub(crate) fn authorize(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.username {
            Some(username) => request.basic_auth(username, self.password.as_deref()),
            None => request,
        }
    }
}

impl FetchFailure {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self { status: None, reason: reason.into() }
    }

    /// Whether trying again may help: everything but a refusal by the server.
    pub(crate) fn is_passing(&self) -> bool {
        self.status.is_none_or(|status| status >= 500)
    }
}

impl From<reqwest::Error> for FetchFailure {
    fn from(error: reqwest::Error) -> Self {
        let reason = match &error {
            error if error.is_timeout() => "timed out".to_owned(),
            error if error.is_connect() => "connection failed".to_owned(),
            error if error.is_builder() => "not a URL that can be fetched".to_owned(),
            error => format!("transfer failed: {}", error_chain(error)),
        };
        Self { status: error.status().map(|status| status.as_u16()), reason }
    }
}

impl fmt::Display for FetchFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.reason)
    }
}

/// The innermost cause, which names no URL.
fn error_chain(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
