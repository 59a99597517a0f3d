//! Length and validators of sources, believed for a short while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::OnceCell;

use crate::source::Source;
use crate::{ArtifactError, Result};

/// What must stay the same while a source is read in pieces.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SourceFacts {
    /// Exact length.
    pub size_bytes: u64,
    /// Entity tag, or length and time for a local file.
    pub etag: Option<String>,
    /// `Last-Modified` as the origin wrote it.
    pub last_modified: Option<String>,
}

impl SourceFacts {
    /// Why an answer with these facts is not the same source any more, if it is not.
    ///
    /// A validator that one side lacks proves nothing.
    pub(crate) fn difference(&self, later: &Self) -> Option<String> {
        if self.size_bytes != later.size_bytes {
            return Some(format!("length was {}, is {}", self.size_bytes, later.size_bytes));
        }
        match (&self.etag, &later.etag) {
            (Some(before), Some(after)) if before == after => return None,
            (Some(_), Some(_)) => return Some("another entity tag".to_owned()),
            _ => {}
        }
        match (&self.last_modified, &later.last_modified) {
            (Some(before), Some(after)) if before != after => Some("another modification time".to_owned()),
            _ => None,
        }
    }

    /// Whether a replaced source of equal length would be noticed.
    pub(crate) fn has_validator(&self) -> bool {
        self.etag.is_some() || self.last_modified.is_some()
    }
}

#[derive(Debug)]
struct Slot {
    made_at: Instant,
    facts: Arc<OnceCell<SourceFacts>>,
}

/// A bounded map from source to facts; concurrent askers of one source share one question.
#[derive(Debug)]
pub(crate) struct FactsCache {
    ttl: Duration,
    entries: usize,
    slots: Mutex<HashMap<Source, Slot>>,
}

impl FactsCache {
    pub(crate) fn new(ttl: Duration, entries: usize) -> Self {
        Self { ttl, entries: entries.max(1), slots: Mutex::default() }
    }

    /// The facts of `source`, asking with `probe` when they are unknown or too old.
    ///
    /// Errors: those of `probe`; `Deadline` when others have been asking in vain for `patience`.
    pub(crate) async fn get_or_probe(
        &self,
        source: &Source,
        patience: Duration,
        probe: impl Future<Output = Result<SourceFacts>>,
    ) -> Result<SourceFacts> {
        let cell = self.cell(source, Instant::now());
        match tokio::time::timeout(patience, cell.get_or_try_init(|| probe)).await {
            Ok(known) => known.cloned(),
            Err(_) => Err(ArtifactError::Deadline {
                location: source.location(),
                deadline_secs: patience.as_secs(),
            }),
        }
    }

    /// Forgets what is known of `source`.
    pub(crate) fn forget(&self, source: &Source) {
        self.lock().remove(source);
    }

    fn cell(&self, source: &Source, now: Instant) -> Arc<OnceCell<SourceFacts>> {
        let mut slots = self.lock();
        if let Some(slot) = slots.get(source)
            && now.saturating_duration_since(slot.made_at) < self.ttl
        {
            return slot.facts.clone();
        }
        if slots.len() >= self.entries && !slots.contains_key(source) {
            let oldest = slots.iter().min_by_key(|(_, slot)| slot.made_at).map(|(key, _)| key.clone());
            if let Some(oldest) = oldest {
                slots.remove(&oldest);
            }
        }
        let facts = Arc::new(OnceCell::new());
        slots.insert(source.clone(), Slot { made_at: now, facts: facts.clone() });
        facts
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Source, Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use futures::FutureExt;

    use super::*;

    fn facts(size_bytes: u64) -> SourceFacts {
        SourceFacts { size_bytes, etag: None, last_modified: None }
    }

    fn source(n: u64) -> Source {
        Source::parse("x", &format!("http://h/{n}")).unwrap()
    }

    #[test]
    fn facts_expire_are_bounded_and_forgettable() {
        let cache = FactsCache::new(Duration::from_secs(30), 2);
        let start = Instant::now();
        let known = |n: u64, at_secs: u64| {
            let cell = cache.cell(&source(n), start + Duration::from_secs(at_secs));
            let known = cell.initialized();
            cell.set(facts(n)).is_err() == known && known
        };
        assert!(!known(1, 0) && known(1, 29));
        assert!(!known(1, 30) && known(1, 59), "believed for 30 s");
        cache.forget(&source(1));
        assert!(!known(1, 59));
        assert!(!known(2, 60) && !known(3, 61));
        assert!(known(2, 62) && !known(1, 62), "1 was the oldest and left");
        assert_eq!(cache.lock().len(), 2);
    }

    #[tokio::test]
    async fn failures_are_not_remembered_and_waiting_ends() {
        let cache = FactsCache::new(Duration::from_secs(30), 2);
        let ask = async |patience, probe| cache.get_or_probe(&source(1), patience, probe).await;
        let fails = async { Err(ArtifactError::NotFound { location: "x".to_owned() }) };
        let patient = Duration::from_secs(60);
        assert_eq!(ask(patient, fails.boxed()).await.unwrap_err().kind(), "not_found");
        assert_eq!(ask(Duration::ZERO, pending().boxed()).await.unwrap_err().kind(), "deadline");
        assert_eq!(ask(patient, async { Ok(facts(7)) }.boxed()).await.unwrap().size_bytes, 7);
        assert_eq!(ask(patient, pending().boxed()).await.unwrap().size_bytes, 7);
    }

    #[test]
    fn differences_need_evidence() {
        let with = |etag: Option<&str>, modified: Option<&str>| SourceFacts {
            size_bytes: 5,
            etag: etag.map(str::to_owned),
            last_modified: modified.map(str::to_owned),
        };
        assert!(facts(5).difference(&facts(6)).is_some());
        assert!(facts(5).difference(&with(Some("a"), Some("b"))).is_none());
        assert!(with(Some("a"), None).difference(&with(Some("b"), None)).is_some());
        assert!(with(Some("a"), Some("1")).difference(&with(Some("a"), Some("2"))).is_none());
        assert!(with(None, Some("1")).difference(&with(Some("a"), Some("2"))).is_some());
    }
}
