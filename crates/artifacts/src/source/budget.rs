//! How many reads one origin gets at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

use crate::source::location_of;
use crate::{ArtifactError, Result};

/// Origins remembered at once; those with no read under way are dropped first.
const ORIGINS: usize = 256;

/// A semaphore for each origin.
#[derive(Debug)]
pub(crate) struct Budget {
    reads_per_origin: usize,
    patience: Duration,
    origins: Mutex<HashMap<String, Arc<Semaphore>>>,
}

impl Budget {
    pub(crate) fn new(reads_per_origin: usize, patience: Duration) -> Self {
        Self { reads_per_origin: reads_per_origin.max(1), patience, origins: Mutex::default() }
    }

    /// Waits for a turn at the URL's origin; `Busy` when none comes in time.
    pub(crate) async fn take(&self, url: &Url) -> Result<OwnedSemaphorePermit> {
        let semaphore = self.semaphore(url);
        match tokio::time::timeout(self.patience, semaphore.acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(ArtifactError::Busy { location: location_of(url) }),
        }
    }

    fn semaphore(&self, url: &Url) -> Arc<Semaphore> {
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        if origins.len() >= ORIGINS {
            origins.retain(|_, semaphore| Arc::strong_count(semaphore) > 1);
        }
        let key = url.origin().ascii_serialization();
        origins.entry(key).or_insert_with(|| Arc::new(Semaphore::new(self.reads_per_origin))).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_origin_is_busy_and_others_are_not() {
        let budget = Budget::new(1, Duration::ZERO);
        let one = Url::parse("http://one/a").unwrap();
        let held = budget.take(&one).await.unwrap();
        let error = budget.take(&Url::parse("http://user:pw@one/b?q").unwrap()).await.unwrap_err();
        assert_eq!((error.kind(), error.retryable()), ("busy", true));
        assert!(!error.to_string().contains("pw"));
        let _two = budget.take(&Url::parse("http://two/a").unwrap()).await.unwrap();
        drop(held);
        let _again = budget.take(&one).await.unwrap();
    }

    #[tokio::test]
    async fn idle_origins_are_forgotten() {
        let budget = Budget::new(1, Duration::from_secs(3));
        for n in 0..3 * ORIGINS {
            let _turn = budget.take(&Url::parse(&format!("http://h{n}/")).unwrap()).await.unwrap();
        }
        assert!(budget.origins.lock().unwrap().len() <= ORIGINS);
    }
}
