//! Letting conductors in a few at a time, however many come at once.
//!
//! A conductor that joins costs a transaction and makes every process read anew who is there. Whoever cannot be let in now is
//! told when to ask again: at a random moment of the time that those before it will take, so that a thousand that start
//! together come as a flat line. Conductors need no database for that, and the database notices nothing.

use crate::control::Control;
use rand::RngExt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

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
        Self { inside: Arc::new(Semaphore::new(width)), width, queue: Mutex::new(queue) }
    }

    /// Lets somebody in.
    ///
    /// **Errors**: how long to wait before asking again.
    fn enter(&self) -> Result<Admitted<'_>, Duration> {
        match Arc::clone(&self.inside).try_acquire_owned() {
            Ok(place) => Ok(Admitted { gate: self, at: Instant::now(), _place: place }),
            Err(_) => Err(self.turn_away()),
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
    /// Asks for a place among those who join now.
    ///
    /// **Errors**: how long to wait before asking again.
    pub fn admit(&self) -> Result<Admitted<'_>, Duration> {
        self.join_gate().enter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_herd_is_spread_over_the_time_that_it_takes() {
        let gate = JoinGate::new(4);
        let inside: Vec<_> = (0..4).map(|_| gate.enter().unwrap()).collect();
        let waits: Vec<Duration> = (0..1000).map(|_| gate.enter().unwrap_err()).collect();
        let longest = FIRST_COST.mul_f64(1000.0 / 4.0);
        assert!(waits.iter().all(|wait| (SHORTEST..=longest).contains(wait)));
        let late = waits.iter().filter(|wait| **wait > longest / 2).count();
        assert!((50..500).contains(&late), "{late} are told to come in the second half");
        // Joins that turn out to take longer are waited for longer, within bounds.
        tokio::time::advance(Duration::from_secs(5)).await;
        drop(inside);
        let _inside: Vec<_> = (0..4).map(|_| gate.enter().unwrap()).collect();
        assert!((0..100).map(|_| gate.enter().unwrap_err()).any(|wait| wait > longest));
        assert!((0..100).map(|_| gate.enter().unwrap_err()).all(|wait| wait <= LONGEST));
        // A herd of long ago is forgotten.
        tokio::time::advance(FORGOTTEN * 2).await;
        assert!(gate.enter().unwrap_err() <= Duration::from_secs(2));
    }
}
