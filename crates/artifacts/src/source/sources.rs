//! The one door to bytes of any source.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};

use crate::source::facts::FactsCache;
use ferric_model::secret::Secret;
use reqwest::header::HeaderValue;

use crate::source::http::{Answer, Head, HttpReader};
use crate::source::{Source, SourceConfig, SourceFacts, file};
use crate::{ArtifactError, Result};

/// Reads sources: their length and validators, any range of their bytes, or small ones whole.
///
/// Cheap to clone. Holds no content, only a bounded memory of lengths and validators.
#[derive(Debug, Clone)]
pub struct Sources {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: SourceConfig,
    http: Arc<HttpReader>,
    facts: FactsCache,
}

impl Sources {
    /// Prepares to read as `config` says. The process must have installed its rustls provider before.
    ///
    /// Errors: `Io` or `Invalid` when the configured certificates cannot be used.
    pub fn new(config: SourceConfig) -> Result<Self> {
        let http = Arc::new(HttpReader::new(config.clone())?);
        let facts = FactsCache::new(Duration::from_secs(config.facts_ttl_secs), config.facts_entries);
        Ok(Self { inner: Arc::new(Inner { config, http, facts }) })
    }

    /// Length and validators, asked at most once for each period of belief.
    ///
    /// Errors: whatever keeps the source from being read (`NotFound`, `Denied`, `Unreachable`, …).
    pub async fn facts(&self, source: &Source) -> Result<SourceFacts> {
        let inner = &self.inner;
        // A failing origin must not make those who wait for each other's question wait one after another.
        let patience = 2 * inner.config.answer_timeout();
        match source {
            Source::Memory(bytes) => {
                Ok(SourceFacts { size_bytes: bytes.len() as u64, etag: None, last_modified: None })
            }
            Source::File(path) => {
                let probe = async { file::facts(&self.permitted(path).await?).await };
                inner.facts.get_or_probe(source, patience, probe).await
            }
            Source::Http(url) => inner.facts.get_or_probe(source, patience, inner.http.facts(url)).await,
        }
    }

    /// The bytes of `range`, which must lie within `facts.size_bytes`; nothing is read before the stream is polled.
    ///
    /// Errors (in the stream): `Changed` when the source is no longer what `facts` describe; the next
    /// [`Sources::facts`] then asks anew.
    pub fn stream(
        &self,
        source: &Source,
        facts: &SourceFacts,
        range: Range<u64>,
    ) -> BoxStream<'static, Result<Bytes>> {
        let pieces = match source {
            Source::Memory(bytes) => {
                let (start, end) = (range.start.min(range.end) as usize, range.end as usize);
                let piece = bytes.slice(start.min(bytes.len())..end.min(bytes.len()));
                stream::once(async move { Ok(piece) }).boxed()
            }
            Source::File(path) => {
                let (sources, path, facts) = (self.clone(), path.clone(), facts.clone());
                let opening = async move { file::open(sources.permitted(&path).await?, facts, range).await };
                stream::once(opening).try_flatten().boxed()
            }
            Source::Http(url) => {
                let read = self.inner.http.range(url.clone(), facts.clone(), range);
                stream::try_unfold(read, |mut read| async move {
                    Ok(read.next().await?.map(|piece| (piece, read)))
                })
                .boxed()
            }
        };
        let (sources, source) = (self.clone(), source.clone());
        pieces
            .inspect_err(move |error| {
                if matches!(error, ArtifactError::Changed { .. } | ArtifactError::NotFound { .. }) {
                    sources.inner.facts.forget(&source);
                }
            })
            .boxed()
    }

    /// All bytes of a small source.
    ///
    /// Errors: `TooLarge` above `limit_bytes`, without having read more than that.
    pub async fn read(&self, source: &Source, limit_bytes: u64) -> Result<Bytes> {
        let fits = |size_bytes: u64| {
            let what = source.location();
            if size_bytes > limit_bytes { Err(ArtifactError::TooLarge { what, limit_bytes }) } else { Ok(()) }
        };
        match source {
            Source::Memory(bytes) => fits(bytes.len() as u64).map(|()| bytes.clone()),
            Source::Http(url) => self.inner.http.whole(url, limit_bytes).await,
            Source::File(path) => {
                let real = self.permitted(path).await?;
                let facts = file::facts(&real).await?;
                fits(facts.size_bytes)?;
                let range = 0..facts.size_bytes;
                let pieces: Vec<Bytes> = file::open(real, facts, range).await?.try_collect().await?;
                Ok(pieces.concat().into())
            }
        }
    }

    /// The first bytes of a source, at most `limit_bytes` of them.
    ///
    /// Errors: whatever keeps the source from being read.
    pub async fn beginning(&self, source: &Source, limit_bytes: u64) -> Result<Bytes> {
        match source {
            Source::Memory(bytes) => {
                Ok(bytes.slice(..bytes.len().min(usize::try_from(limit_bytes).unwrap_or(usize::MAX))))
            }
            Source::Http(url) => self.inner.http.beginning(url, limit_bytes).await,
            Source::File(path) => {
                let real = self.permitted(path).await?;
                let facts = file::facts(&real).await?;
                let range = 0..facts.size_bytes.min(limit_bytes);
                let pieces: Vec<Bytes> = file::open(real, facts, range).await?.try_collect().await?;
                Ok(pieces.concat().into())
            }
        }
    }

    /// The same door for origins that want this as `Authorization`; lengths and validators are remembered apart.
    ///
    /// Errors: `Invalid` for a value that is no header.
    pub fn authorized(&self, authorization: &Secret<String>) -> Result<Self> {
        let mut value = HeaderValue::from_str(authorization.expose()).map_err(|_| {
            ArtifactError::invalid("credentials of the image server", "they have control characters")
        })?;
        value.set_sensitive(true);
        let Inner { config, http, .. } = &*self.inner;
        let facts = FactsCache::new(Duration::from_secs(config.facts_ttl_secs), config.facts_entries);
        let inner = Inner { config: config.clone(), http: Arc::new(http.with_authorization(value)), facts };
        Ok(Self { inner: Arc::new(inner) })
    }

    pub(crate) async fn answer(&self, url: &url::Url, accept: &str, limit_bytes: u64) -> Result<Answer> {
        self.inner.http.answer(url, accept, limit_bytes).await
    }

    pub(crate) async fn head(&self, url: &url::Url) -> Result<Head> {
        self.inner.http.head(url).await
    }

    async fn permitted(&self, path: &Path) -> Result<std::path::PathBuf> {
        file::permitted(path, &self.inner.config.file_roots).await
    }
}
