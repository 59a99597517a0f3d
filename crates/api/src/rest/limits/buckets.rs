//! Token buckets, one for each caller.

use moka::future::Cache;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use time::OffsetDateTime;

/// Most callers that are remembered; the one that was silent for longest is forgotten first.
const MAX_CALLERS: u64 = 100_000;

/// Buckets that all have the same size and fill at the same rate. A caller that is not known has a full one.
#[derive(Debug)]
pub(super) struct Buckets {
    per_second: f64,
    burst: f64,
    callers: Cache<String, Arc<Mutex<Bucket>>>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at: OffsetDateTime,
}

impl Buckets {
    /// Buckets for a rate; none when there is no limit.
    pub(super) fn new(per_minute: u32, burst: u32) -> Option<Self> {
        let (per_second, burst) = (f64::from(per_minute) / 60.0, f64::from(burst.max(1)));
        (per_minute > 0).then(|| Self {
            per_second,
            burst,
            // After this time a bucket is full again, and need not be remembered.
            callers: Cache::builder()
                .max_capacity(MAX_CALLERS)
                .time_to_idle(Duration::from_secs_f64(burst / per_second))
                .build(),
        })
    }

    /// Takes a token out of the caller's bucket.
    ///
    /// **Errors**: the seconds until there is one.
    pub(super) async fn take(&self, caller: &str, now: OffsetDateTime) -> Result<(), u64> {
        let full = async { Arc::new(Mutex::new(Bucket { tokens: self.burst, at: now })) };
        let bucket = self.callers.get_with_by_ref(caller, full).await;
        let mut bucket = bucket.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = (now - bucket.at).as_seconds_f64().max(0.0);
        bucket.tokens = (bucket.tokens + passed * self.per_second).min(self.burst);
        bucket.at = now;
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Ok(());
        }
        // Whole seconds of a positive number of a sane size.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "see above")]
        Err(((1.0 - bucket.tokens) / self.per_second).ceil() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::Buckets;
    use time::{Duration, OffsetDateTime};

    #[tokio::test]
    async fn a_caller_gets_its_burst_then_its_rate() {
        assert!(Buckets::new(0, 5).is_none());
        let buckets = Buckets::new(30, 2).unwrap();
        let at = |secs: i64| OffsetDateTime::UNIX_EPOCH + Duration::seconds(secs);
        assert_eq!(buckets.take("a", at(0)).await, Ok(()));
        assert_eq!(buckets.take("a", at(0)).await, Ok(()));
        assert_eq!(buckets.take("a", at(0)).await, Err(2));
        assert_eq!(buckets.take("a", at(1)).await, Err(1));
        assert_eq!(buckets.take("b", at(1)).await, Ok(()));
        assert_eq!(buckets.take("a", at(2)).await, Ok(()));
        assert_eq!(buckets.take("a", at(2)).await, Err(2));
        // A clock that is set back fills nothing and takes nothing.
        assert_eq!(buckets.take("a", at(1)).await, Err(2));
        for _ in 0..2 {
            assert_eq!(buckets.take("a", at(1000)).await, Ok(()));
        }
        assert_eq!(buckets.take("a", at(1000)).await, Err(2));
    }
}
