//! Letting conductors in a few at a time, however many come at once.
//!
//! A conductor that joins costs a transaction and makes every process read anew who is there. Whoever cannot be let in now
//! waits in a line, which costs less than to ask again; where that is full or takes long, it is told when to ask again: at a
//! random moment of the time that those before it will take, so that thousands that start together come as a flat line.
//! Conductors need no database for that, and the database notices nothing.

use crate::control::Control;
use rand::RngExt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

/// How many wait in line for each one inside, and for how long.
const IN_LINE: usize = 128;
const LINGER: Duration = Duration::from_secs(1);

/// What a join is taken to cost before one was seen.
const FIRST_COST: Duration = Duration::from_millis(5);

/// Shortest and longest time after which somebody who was turned away may be told to ask again.
const SHORTEST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(10);

/// How much of the mean cost is the last join.
const WEIGHT: f64 = 0.2;

/// After so long without anybody being turned away, nobody waits any more.
const FORGOTTEN: Duration = Duration::from_secs(15);

/// The door for conductors that join.
#[derive(Debug)]
pub(crate) struct JoinGate {
    inside: Arc<Semaphore>,
    line: Semaphore,
    width: usize,
    queue: Mutex<Queue>,
}

#[derive(Debug)]
struct Queue {
    /// How many were turned away and have not come in since, as far as can be told.
    outside: usize,
    turned_away_at: Option<Instant>,
    /// A mean of what the last joins took, in seconds.
    cost_secs: f64,
}

/// Somebody inside; the place is free again when this is dropped.
#[derive(Debug)]
pub struct Admitted<'a> {
    gate: &'a JoinGate,
    at: Instant,
    _place: OwnedSemaphorePermit,
}

impl JoinGate {
    /// A door for `width` at a time.
    pub(crate) fn new(width: usize) -> Self {
        let width = width.clamp(1, Semaphore::MAX_PERMITS);
        let queue = Queue { outside: 0, turned_away_at: None, cost_secs: FIRST_COST.as_secs_f64() };
        let line = Semaphore::new(width.saturating_mul(IN_LINE).min(Semaphore::MAX_PERMITS));
        Self { inside: Arc::new(Semaphore::new(width)), line, width, queue: Mutex::new(queue) }
    }

    /// Lets somebody in.
    ///
    /// **Errors**: how long to wait before asking again.
    async fn enter(&self) -> Result<Admitted<'_>, Duration> {
        let Ok(_in_line) = self.line.try_acquire() else { return Err(self.turn_away()) };
        match timeout(LINGER, Arc::clone(&self.inside).acquire_owned()).await {
            Ok(Ok(place)) => Ok(Admitted { gate: self, at: Instant::now(), _place: place }),
            Ok(Err(_)) | Err(_) => Err(self.turn_away()),
        }
    }

    fn turn_away(&self) -> Duration {
        let mut queue = self.lock();
        if queue.turned_away_at.is_some_and(|at| at.elapsed() > FORGOTTEN) {
            queue.outside = 0;
        }
        queue.outside += 1;
        queue.turned_away_at = Some(Instant::now());
        let window = self.window(&queue);
        window.mul_f64(rand::rng().random_range(0.0..=1.0)).max(SHORTEST)
    }

    /// How long those outside will take to come in.
    fn window(&self, queue: &Queue) -> Duration {
        let rounds = queue.outside as f64 / self.width as f64;
        Duration::from_secs_f64((rounds * queue.cost_secs).min(LONGEST.as_secs_f64())).max(SHORTEST * 2)
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Admitted<'_> {
    fn drop(&mut self) {
        let mut queue = self.gate.lock();
        queue.outside = queue.outside.saturating_sub(1);
        let cost = self.at.elapsed().as_secs_f64();
        queue.cost_secs += WEIGHT * (cost - queue.cost_secs);
    }
}

impl Control {
    /// Asks for a place among those who join now, and waits a little for it.
    ///
    /// **Errors**: how long to wait before asking again.
    pub async fn admit(&self) -> Result<Admitted<'_>, Duration> {
        self.join_gate().enter().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::join_all;
    use futures::{FutureExt, pin_mut};

    async fn come(gate: &JoinGate, count: usize) -> Vec<Admitted<'_>> {
        join_all((0..count).map(|_| gate.enter())).await.into_iter().map(Result::unwrap).collect()
    }

    async fn are_turned_away(gate: &JoinGate, count: usize) -> Vec<Duration> {
        join_all((0..count).map(|_| gate.enter())).await.into_iter().map(Result::unwrap_err).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_in_line_is_the_next() {
        let gate = JoinGate::new(1);
        let inside = come(&gate, 1).await;
        let next = gate.enter();
        pin_mut!(next);
        assert!(next.as_mut().now_or_never().is_none());
        drop(inside);
        assert!(next.now_or_never().unwrap().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_herd_is_spread_over_the_time_that_it_takes() {
        let gate = JoinGate::new(4);
        let inside = come(&gate, 4).await;
        let waits = are_turned_away(&gate, 1000).await;
        let longest = FIRST_COST.mul_f64(1000.0 / 4.0);
        assert!(waits.iter().all(|wait| (SHORTEST..=longest).contains(wait)));
        let late = waits.iter().filter(|wait| **wait > longest / 2).count();
        assert!((50..500).contains(&late), "{late} are told to come in the second half");
        // Joins that turn out to take longer are waited for longer, within bounds.
        tokio::time::advance(Duration::from_secs(5)).await;
        drop(inside);
        let _inside = come(&gate, 4).await;
        assert!(are_turned_away(&gate, 100).await.iter().any(|wait| *wait > longest));
        assert!(are_turned_away(&gate, 100).await.iter().all(|wait| *wait <= LONGEST));
        // A herd of long ago is forgotten.
        tokio::time::advance(FORGOTTEN * 2).await;
        assert!(gate.enter().await.unwrap_err() <= Duration::from_secs(2));
    }
}
