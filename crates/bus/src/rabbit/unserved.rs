//! Queues that the broker keeps but does not serve: deleted after a while, so that they are declared anew.
//!
//! A broker that crashed may bring a quorum queue back without the process that runs it. Such a queue is there when it is
//! declared and counted, but refuses every message and every consumer until somebody deletes it. What it held is lost with
//! it: the control plane sends actions again that nobody takes up.

use super::link::Link;
use crate::BusError;
use lapin::options::QueueDeleteOptions;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long a queue may refuse: longer than a broker needs to find out who leads a queue.
const PATIENCE: Duration = Duration::from_secs(10);

/// Refusals further apart than this have nothing to do with each other; longer than any pause between two attempts.
const APART: Duration = Duration::from_secs(60);

/// The queues that refused when they were last used.
#[derive(Debug, Default)]
pub struct Unserved {
    queues: Mutex<HashMap<String, Refusals>>,
}

/// Refusals of one queue, with nothing but refusals between them.
#[derive(Debug, Clone, Copy)]
struct Refusals {
    first: Instant,
    last: Instant,
}

impl Unserved {
    /// The queue works.
    pub fn forget(&self, queue: &str) {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner).remove(queue);
    }

    /// The queue refused; true if it has done nothing else for so long that it is given up, which is said once.
    fn is_given_up(&self, queue: &str, now: Instant) -> bool {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let refusals = queues.entry(queue.to_owned()).or_insert(Refusals { first: now, last: now });
        if now - refusals.last > APART {
            refusals.first = now;
        }
        refusals.last = now;
        let given_up = now - refusals.first >= PATIENCE;
        if given_up {
            queues.remove(queue);
        }
        given_up
    }
}

impl Link {
    /// Notes that the broker does not serve `queue`, and deletes it when that has lasted.
    pub async fn note_unserved(&self, queue: &str) {
        if !self.unserved().is_given_up(queue, Instant::now()) {
            return;
        }
        match self.delete(queue).await {
            Ok(lost) => tracing::warn!(queue, lost, "the broker did not serve the queue, it is made anew"),
            Err(error) => {
                tracing::warn!(queue, %error, "the broker does not serve the queue, nor delete it")
            }
        }
    }

    /// Returns how many messages are lost with it.
    async fn delete(&self, queue: &str) -> Result<u32, BusError> {
        let live = self.live().await?;
        live.set_declared(queue, false);
        let channel = self.call(live.channel()).await?;
        self.call(channel.queue_delete(queue.into(), QueueDeleteOptions::default())).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_given_up_after_refusing_for_long_and_nothing_else() {
        let (unserved, start) = (Unserved::default(), Instant::now());
        assert!(!unserved.is_given_up("q", start));
        assert!(!unserved.is_given_up("q", start + PATIENCE / 2));
        unserved.forget("q");
        assert!(!unserved.is_given_up("q", start + PATIENCE), "it worked in between");
        assert!(unserved.is_given_up("q", start + PATIENCE * 2));
        assert!(!unserved.is_given_up("q", start + PATIENCE * 2), "the new queue has its own time");
        let later = start + PATIENCE * 2 + APART * 2;
        assert!(!unserved.is_given_up("q", later), "that was another time");
        assert!(unserved.is_given_up("q", later + PATIENCE));
    }
}
