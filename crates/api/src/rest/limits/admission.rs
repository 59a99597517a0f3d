//! How much is worked on at once.

use crate::config::LimitsConfig;
use crate::rest::error::Fault;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Lets in as many requests as are worked on at once, keeps some waiting, and refuses the others.
#[derive(Debug)]
pub(crate) struct Admission {
    running: Arc<Semaphore>,
    waiting: AtomicUsize,
    max_waiting: usize,
    patience: Duration,
}

/// One that waits, counted until it is dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Admission {
    /// What the operator decided.
    pub(crate) fn new(config: &LimitsConfig) -> Self {
        let most = match config.max_concurrent_requests {
            0 => Semaphore::MAX_PERMITS,
            chosen => chosen.min(Semaphore::MAX_PERMITS),
        };
        Self {
            running: Arc::new(Semaphore::new(most)),
            waiting: AtomicUsize::new(0),
            max_waiting: config.max_queued_requests,
            patience: Duration::from_secs(config.request_timeout_secs),
        }
    }

    /// Waits for its turn; the request is worked on until the permit is dropped.
    ///
    /// **Errors**: 503 when too many wait already, or the turn does not come in time.
    pub(crate) async fn enter(&self) -> Result<OwnedSemaphorePermit, Fault> {
        if let Ok(permit) = Arc::clone(&self.running).try_acquire_owned() {
            return Ok(permit);
        }
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let waiting = Waiting(&self.waiting);
        if before >= self.max_waiting {
            return Err(Fault::overloaded());
        }
        let turn = tokio::time::timeout(self.patience, Arc::clone(&self.running).acquire_owned()).await;
        drop(waiting);
        match turn {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(_) => Err(Fault::overloaded()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::poll;
    use std::pin::pin;

    #[tokio::test]
    async fn some_run_some_wait_the_others_are_refused() {
        let config =
            LimitsConfig { max_concurrent_requests: 1, max_queued_requests: 1, ..LimitsConfig::default() };
        let admission = Admission::new(&config);
        let first = admission.enter().await.unwrap();
        let mut second = Box::pin(admission.enter());
        assert!(poll!(&mut second).is_pending());
        let third = admission.enter().await.unwrap_err();
        assert_eq!((third.status, third.retry_after_secs), (503, Some(1)));
        // One that goes away makes room for another.
        drop(second);
        let mut fourth = pin!(admission.enter());
        assert!(poll!(&mut fourth).is_pending());
        drop(first);
        drop(fourth.await.unwrap());
    }

    #[tokio::test]
    async fn nobody_waits_for_ever() {
        let config =
            LimitsConfig { max_concurrent_requests: 1, request_timeout_secs: 0, ..LimitsConfig::default() };
        let admission = Admission::new(&config);
        let held = admission.enter().await.unwrap();
        assert_eq!(admission.enter().await.unwrap_err().status, 503);
        drop(held);
    }
}
