//! Ranged, resuming reads over HTTP.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderMap, HeaderName,
    HeaderValue, LAST_MODIFIED, RANGE,
};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;
use url::Url;

use crate::source::budget::Budget;
use crate::source::{SourceConfig, SourceFacts, location_of};
use crate::{ArtifactError, Result};

/// Progress after which earlier failures of a read are forgiven.
const NOTEWORTHY_BYTES: u64 = 1024 * 1024;

/// An HTTP client with deadlines, retries and a budget for each origin.
#[derive(Debug)]
pub(crate) struct HttpReader {
    client: Client,
    config: SourceConfig,
    budget: Arc<Budget>,
    /// What every request carries as `Authorization`; a redirect to another origin loses it.
    authorization: Option<HeaderValue>,
}

/// The head of an answer to HEAD.
pub(crate) struct Head {
    pub(crate) status: StatusCode,
    /// Where redirects led.
    pub(crate) url: Url,
    pub(crate) size_bytes: Option<u64>,
}

/// An answer as it came.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// A read under way.
#[derive(Debug)]
pub(crate) struct RangeRead {
    reader: Arc<HttpReader>,
    url: Url,
    facts: SourceFacts,
    next: u64,
    end: u64,
    body: Option<Body>,
    failures: u32,
    progress: u64,
}

/// Counts failures of one question, pausing between tries.
struct Patience<'a> {
    config: &'a SourceConfig,
    failures: u32,
}

#[derive(Debug)]
struct Body {
    response: Response,
    /// Bytes to throw away first, from an origin that ignores `Range`.
    skip: u64,
    _turn: OwnedSemaphorePermit,
}

impl HttpReader {
    pub(crate) fn new(config: SourceConfig) -> Result<Self> {
        let mut builder = Client::builder()
            .user_agent(concat!("ferric/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(config.connect_timeout_secs))
            .redirect(reqwest::redirect::Policy::limited(5))
            .tls_danger_accept_invalid_certs(!config.verify_tls);
        if let Some(path) = &config.ca_file {
            let pem = std::fs::read(path).map_err(|source| ArtifactError::Io {
                location: format!("file://{}", path.display()),
                source,
            })?;
            let certificates = reqwest::Certificate::from_pem_bundle(&pem)
                .map_err(|_| ArtifactError::invalid("ca_file", "it holds no PEM certificates"))?;
            for certificate in certificates {
                builder = builder.add_root_certificate(certificate);
            }
        }
        let client = builder
            .build()
            .map_err(|error| ArtifactError::invalid("TLS settings of sources", error.to_string()))?;
        let budget = Budget::new(config.reads_per_origin, config.answer_timeout());
        Ok(Self { client, config, budget: Arc::new(budget), authorization: None })
    }

    /// The same reader for an origin that wants to know who asks.
    pub(crate) fn with_authorization(&self, authorization: HeaderValue) -> Self {
        Self {
            client: self.client.clone(),
            config: self.config.clone(),
            budget: Arc::clone(&self.budget),
            authorization: Some(authorization),
        }
    }

    /// The first bytes, at most `limit_bytes` of them, whether or not the origin knows ranges.
    pub(crate) async fn beginning(&self, url: &Url, limit_bytes: u64) -> Result<Bytes> {
        let mut patience = Patience::new(&self.config);
        loop {
            match self.ask_beginning(url, limit_bytes).await {
                Err(error) if patience.outlasts(&error).await => {}
                settled => return settled,
            }
        }
    }

    /// One GET whose refusals are answers, as protocols above HTTP need them; the body is read up to `limit_bytes`.
    pub(crate) async fn answer(&self, url: &Url, accept: &str, limit_bytes: u64) -> Result<Answer> {
        let mut patience = Patience::new(&self.config);
        loop {
            match self.ask_answer(url, accept, limit_bytes).await {
                Err(error) if patience.outlasts(&error).await => {}
                settled => return settled,
            }
        }
    }

    /// Length and validators, from HEAD, or from a GET of the first byte where HEAD does not tell.
    pub(crate) async fn facts(&self, url: &Url) -> Result<SourceFacts> {
        let mut patience = Patience::new(&self.config);
        loop {
            match self.ask_facts(url).await {
                Err(error) if patience.outlasts(&error).await => {}
                settled => return settled,
            }
        }
    }

    /// One HEAD with redirects followed; any status is an answer except one that a retry may change.
    pub(crate) async fn head(&self, url: &Url) -> Result<Head> {
        let mut patience = Patience::new(&self.config);
        loop {
            match self.ask_head(url).await {
                Err(error) if patience.outlasts(&error).await => {}
                settled => return settled,
            }
        }
    }

    /// The whole body, refused above `limit_bytes`.
    pub(crate) async fn whole(&self, url: &Url, limit_bytes: u64) -> Result<Bytes> {
        let mut patience = Patience::new(&self.config);
        loop {
            match self.ask_whole(url, limit_bytes).await {
                Err(error) if patience.outlasts(&error).await => {}
                settled => return settled,
            }
        }
    }

    /// Prepares a read of `range`; nothing is asked of the origin before the first byte is.
    pub(crate) fn range(self: &Arc<Self>, url: Url, facts: SourceFacts, range: Range<u64>) -> RangeRead {
        let Range { start: next, end } = range;
        RangeRead { reader: self.clone(), url, facts, next, end, body: None, failures: 0, progress: 0 }
    }

    async fn ask_facts(&self, url: &Url) -> Result<SourceFacts> {
        let _turn = self.budget.take(url).await?;
        let head = self.send(Method::HEAD, url, None).await?;
        let status = head.status();
        if status == StatusCode::OK
            && let Some(size_bytes) = number(head.headers(), CONTENT_LENGTH)
        {
            return Ok(facts_of(head.headers(), size_bytes));
        }
        if transient(status) || matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE) {
            return Err(refusal(url, status));
        }
        let first = self.send(Method::GET, url, Some(0..1)).await?;
        let size_bytes = match first.status() {
            StatusCode::PARTIAL_CONTENT => content_range(first.headers()).and_then(|(_, total)| total),
            StatusCode::OK => number(first.headers(), CONTENT_LENGTH),
            // The answer of many origins to a range request on an empty file.
            StatusCode::RANGE_NOT_SATISFIABLE => Some(0),
            other => return Err(refusal(url, other)),
        };
        match size_bytes {
            Some(size_bytes) => Ok(facts_of(first.headers(), size_bytes)),
            None => Err(bad_answer(url, "it does not tell its length")),
        }
    }

    async fn ask_head(&self, url: &Url) -> Result<Head> {
        let _turn = self.budget.take(url).await?;
        let answer = self.send(Method::HEAD, url, None).await?;
        if transient(answer.status()) {
            return Err(refusal(url, answer.status()));
        }
        let size_bytes = number(answer.headers(), CONTENT_LENGTH);
        Ok(Head { status: answer.status(), url: answer.url().clone(), size_bytes })
    }

    async fn ask_beginning(&self, url: &Url, limit_bytes: u64) -> Result<Bytes> {
        let _turn = self.budget.take(url).await?;
        let mut answer = self.send(Method::GET, url, Some(0..limit_bytes)).await?;
        match answer.status() {
            StatusCode::OK | StatusCode::PARTIAL_CONTENT => {}
            StatusCode::RANGE_NOT_SATISFIABLE => return Ok(Bytes::new()),
            other => return Err(refusal(url, other)),
        }
        let limit = usize::try_from(limit_bytes).unwrap_or(usize::MAX);
        let mut body = Vec::new();
        while body.len() < limit
            && let Some(piece) = self.piece(url, &mut answer).await?
        {
            body.extend_from_slice(&piece);
        }
        body.truncate(limit);
        Ok(Bytes::from(body))
    }

    async fn ask_answer(&self, url: &Url, accept: &str, limit_bytes: u64) -> Result<Answer> {
        let _turn = self.budget.take(url).await?;
        let request = self.request(Method::GET, url).header(ACCEPT, accept);
        let mut answer = within(url, self.config.answer_timeout(), request.send()).await?;
        if transient(answer.status()) {
            return Err(refusal(url, answer.status()));
        }
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut body = Vec::new();
        while let Some(piece) = self.piece(url, &mut answer).await? {
            if (body.len() + piece.len()) as u64 > limit_bytes {
                return Err(ArtifactError::TooLarge { what: location_of(url), limit_bytes });
            }
            body.extend_from_slice(&piece);
        }
        Ok(Answer { status, headers, body: Bytes::from(body) })
    }

    async fn ask_whole(&self, url: &Url, limit_bytes: u64) -> Result<Bytes> {
        let _turn = self.budget.take(url).await?;
        let mut answer = self.send(Method::GET, url, None).await?;
        if answer.status() != StatusCode::OK {
            return Err(refusal(url, answer.status()));
        }
        let mut body = Vec::new();
        while let Some(piece) = self.piece(url, &mut answer).await? {
            if (body.len() + piece.len()) as u64 > limit_bytes {
                return Err(ArtifactError::TooLarge { what: location_of(url), limit_bytes });
            }
            body.extend_from_slice(&piece);
        }
        Ok(Bytes::from(body))
    }

    async fn send(&self, method: Method, url: &Url, range: Option<Range<u64>>) -> Result<Response> {
        let mut request = self.request(method, url);
        if let Some(range) = range {
            request = request.header(RANGE, format!("bytes={}-{}", range.start, range.end.saturating_sub(1)));
        }
        within(url, self.config.answer_timeout(), request.send()).await
    }

    fn request(&self, method: Method, url: &Url) -> RequestBuilder {
        let request = self.client.request(method, url.clone()).header(ACCEPT_ENCODING, "identity");
        match &self.authorization {
            Some(value) => request.header(AUTHORIZATION, value.clone()),
            None => request,
        }
    }

    async fn piece(&self, url: &Url, response: &mut Response) -> Result<Option<Bytes>> {
        within(url, self.config.idle_timeout(), response.chunk()).await
    }
}

impl<'a> Patience<'a> {
    fn new(config: &'a SourceConfig) -> Self {
        Self { config, failures: 0 }
    }

    /// Whether to try again; returns after the pause before that try.
    async fn outlasts(&mut self, error: &ArtifactError) -> bool {
        // What has changed stays changed; who planned with it must plan anew.
        let passing = error.retryable() && !matches!(error, ArtifactError::Changed { .. });
        if !passing || self.failures + 1 >= self.config.attempts {
            return false;
        }
        tracing::debug!(%error, failures = self.failures, "trying a source again");
        tokio::time::sleep(self.config.backoff(self.failures)).await;
        self.failures += 1;
        true
    }
}

impl RangeRead {
    /// The next bytes, or `None` at the end of the range; a broken connection is resumed where it broke.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>> {
        while self.next < self.end {
            let error = match self.try_piece().await {
                Ok(piece) if piece.is_empty() => continue,
                Ok(piece) => {
                    self.next += piece.len() as u64;
                    self.progress += piece.len() as u64;
                    if self.progress >= NOTEWORTHY_BYTES {
                        self.failures = 0;
                    }
                    return Ok(Some(piece));
                }
                Err(error) => error,
            };
            self.body = None;
            self.progress = 0;
            let mut patience = Patience { config: &self.reader.config, failures: self.failures };
            if !patience.outlasts(&error).await {
                return Err(error);
            }
            self.failures = patience.failures;
        }
        self.body = None;
        Ok(None)
    }

    async fn try_piece(&mut self) -> Result<Bytes> {
        let reader = self.reader.clone();
        let body = match &mut self.body {
            Some(body) => body,
            None => {
                let body = self.open().await?;
                self.body.insert(body)
            }
        };
        let Some(mut piece) = reader.piece(&self.url, &mut body.response).await? else {
            return Err(unreachable_for(&self.url, "the body ended early"));
        };
        let skipped = body.skip.min(piece.len() as u64);
        body.skip -= skipped;
        drop(piece.split_to(skipped as usize));
        piece.truncate(usize::try_from(self.end - self.next).unwrap_or(usize::MAX));
        Ok(piece)
    }

    async fn open(&self) -> Result<Body> {
        let turn = self.reader.budget.take(&self.url).await?;
        let response = self.reader.send(Method::GET, &self.url, Some(self.next..self.end)).await?;
        let headers = response.headers();
        let (skip, size_bytes) = match response.status() {
            StatusCode::PARTIAL_CONTENT => match content_range(headers) {
                Some((start, total)) if start == self.next => (0, total.unwrap_or(self.facts.size_bytes)),
                _ => return Err(bad_answer(&self.url, "it answers with another range than asked for")),
            },
            StatusCode::OK => (self.next, number(headers, CONTENT_LENGTH).unwrap_or(self.facts.size_bytes)),
            StatusCode::RANGE_NOT_SATISFIABLE => {
                return Err(self.changed("it became shorter".to_owned()));
            }
            other => return Err(refusal(&self.url, other)),
        };
        match self.facts.difference(&facts_of(headers, size_bytes)) {
            Some(reason) => Err(self.changed(reason)),
            None => Ok(Body { response, skip, _turn: turn }),
        }
    }

    fn changed(&self, reason: String) -> ArtifactError {
        ArtifactError::Changed { location: location_of(&self.url), reason }
    }
}

async fn within<T>(
    url: &Url,
    deadline: Duration,
    answer: impl Future<Output = reqwest::Result<T>>,
) -> Result<T> {
    let late = || ArtifactError::Deadline { location: location_of(url), deadline_secs: deadline.as_secs() };
    match timeout(deadline, answer).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) if error.is_timeout() => Err(late()),
        Ok(Err(error)) if error.is_redirect() || error.is_builder() => {
            Err(bad_answer(url, "its redirects cannot be followed"))
        }
        Ok(Err(error)) => {
            let reason = if error.is_connect() { "no connection" } else { "the connection broke" };
            Err(ArtifactError::Unreachable {
                location: location_of(url),
                reason: reason.to_owned(),
                // The transport's text repeats the URL with its credentials.
                source: Some(Box::new(error.without_url())),
            })
        }
        Err(_) => Err(late()),
    }
}

fn transient(status: StatusCode) -> bool {
    let told_to_wait = matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS);
    told_to_wait || (status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED)
}

/// The error for a status that is no success.
pub(crate) fn refusal(url: &Url, status: StatusCode) -> ArtifactError {
    let location = location_of(url);
    match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => ArtifactError::NotFound { location },
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            ArtifactError::Denied { location, reason: format!("status {}", status.as_u16()) }
        }
        _ if transient(status) => unreachable_for(url, &format!("status {}", status.as_u16())),
        _ => bad_answer(url, &format!("status {}", status.as_u16())),
    }
}

fn unreachable_for(url: &Url, reason: &str) -> ArtifactError {
    ArtifactError::Unreachable { location: location_of(url), reason: reason.to_owned(), source: None }
}

fn bad_answer(url: &Url, reason: &str) -> ArtifactError {
    ArtifactError::BadAnswer { location: location_of(url), reason: reason.to_owned() }
}

fn facts_of(headers: &HeaderMap, size_bytes: u64) -> SourceFacts {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    SourceFacts { size_bytes, etag: text(ETAG), last_modified: text(LAST_MODIFIED) }
}

fn number(headers: &HeaderMap, name: HeaderName) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// First byte and total length of `bytes 5-9/100` (`None` for the total `*`).
fn content_range(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let (range, total) =
        headers.get(CONTENT_RANGE)?.to_str().ok()?.strip_prefix("bytes ")?.split_once('/')?;
    let start = range.split_once('-')?.0.trim().parse().ok()?;
    match total.trim() {
        "*" => Some((start, None)),
        total => Some((start, Some(total.parse().ok()?))),
    }
}
