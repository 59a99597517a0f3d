//! One command at a time for each BMC, with a pause in between: some BMCs fail under more.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::OwnedMutexGuard;
use tokio::time::{Instant, sleep_until};

/// When the last command for a BMC ended.
type Lane = Arc<tokio::sync::Mutex<Option<Instant>>>;

/// More than this many are looked through for those that nobody needs any more.
const MANY: usize = 4096;

/// The lanes of all BMCs.
#[derive(Debug, Default)]
pub struct Lanes(Mutex<HashMap<String, Lane>>);

/// The right to send one command; the next one waits from the moment this is dropped.
#[derive(Debug)]
pub struct Turn(OwnedMutexGuard<Option<Instant>>);

impl Lanes {
    /// Waits until it is this command's turn.
    pub async fn turn(&self, bmc: &str, pause: Duration) -> Turn {
        let guard = self.lane(bmc, pause).lock_owned().await;
        if let Some(ended) = *guard {
            sleep_until(ended + pause).await;
        }
        Turn(guard)
    }

    fn lane(&self, bmc: &str, pause: Duration) -> Lane {
        let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lanes.len() >= MANY {
            let now = Instant::now();
            lanes.retain(|_, lane| match Arc::strong_count(lane) {
                1 => lane.try_lock().is_ok_and(|ended| ended.is_some_and(|ended| ended + pause > now)),
                _ => true,
            });
        }
        Arc::clone(lanes.entry(bmc.to_owned()).or_default())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *self.0 = Some(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn commands_for_one_bmc_keep_their_distance_and_others_do_not_wait() {
        let lanes = Lanes::default();
        let pause = Duration::from_millis(30);
        drop(lanes.turn("a", pause).await);
        let ended = Instant::now();
        drop(lanes.turn("a", pause).await);
        assert!(ended.elapsed() >= pause - Duration::from_millis(1));

        let held = lanes.turn("b", Duration::ZERO).await;
        let waiting = lanes.turn("b", Duration::ZERO);
        tokio::pin!(waiting);
        let early = tokio::select! {
            biased;
            _ = &mut waiting => true,
            () = std::future::ready(()) => false,
        };
        assert!(!early, "b is held");
        drop(lanes.turn("c", Duration::ZERO).await);
        drop(held);
        waiting.await;
    }

    #[tokio::test]
    async fn lanes_that_nobody_needs_are_forgotten() {
        let lanes = Lanes::default();
        let held = lanes.turn("held", Duration::ZERO).await;
        for number in 1..MANY {
            drop(lanes.turn(&number.to_string(), Duration::ZERO).await);
        }
        drop(lanes.turn("one more", Duration::ZERO).await);
        assert_eq!(lanes.0.lock().unwrap_or_else(PoisonError::into_inner).len(), 2);
        drop(held);
    }
}
