//! Leases of the running tasks: what a conductor may act under, and when it must stop.
//!
//! A BMC cannot check a fence. So a task is stopped as soon as the control plane says that its lease is not held, and a
//! margin before the lease ends if nobody could say.

use ferric_model::task::usable_part;
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Every lease that this conductor holds.
#[derive(Debug, Default)]
pub struct Leases {
    held: Mutex<BTreeMap<Uuid, Arc<Lease>>>,
}

/// A lease.
#[derive(Debug)]
pub struct Lease {
    epoch: i64,
    /// When to stop acting.
    usable_until: watch::Sender<Instant>,
    revoked: CancellationToken,
}

/// A lease that is given up when this is dropped.
#[derive(Debug)]
pub struct HeldLease {
    leases: Arc<Leases>,
    task_id: Uuid,
    lease: Arc<Lease>,
}

impl Leases {
    /// Holds the lease of a claim that was sent at `asked_at`.
    pub fn hold(
        self: &Arc<Self>,
        task_id: Uuid,
        epoch: i64,
        asked_at: Instant,
        lasts: Duration,
    ) -> HeldLease {
        let lease = Arc::new(Lease {
            epoch,
            usable_until: watch::Sender::new(usable_until(asked_at, lasts)),
            revoked: CancellationToken::new(),
        });
        if let Some(earlier) = self.lock().insert(task_id, Arc::clone(&lease)) {
            earlier.revoked.cancel();
        }
        HeldLease { leases: Arc::clone(self), task_id, lease }
    }

    /// Task and epoch of each.
    pub fn list(&self) -> Vec<(Uuid, i64)> {
        self.lock().iter().map(|(task_id, lease)| (*task_id, lease.epoch)).collect()
    }

    /// Takes the answer to a renewal that was sent at `asked_at` for the leases `asked`.
    pub fn renewed(&self, asked: &[(Uuid, i64)], held: &HashSet<Uuid>, asked_at: Instant, lasts: Duration) {
        let present = self.lock();
        for (task_id, epoch) in asked {
            let Some(lease) = present.get(task_id).filter(|lease| lease.epoch == *epoch) else { continue };
            if held.contains(task_id) {
                lease.extend(asked_at, lasts);
            } else {
                lease.revoked.cancel();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Uuid, Arc<Lease>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease {
    /// The lease was given again, by an answer to what was sent at `asked_at`.
    pub fn extend(&self, asked_at: Instant, lasts: Duration) {
        let until = usable_until(asked_at, lasts);
        self.usable_until.send_if_modified(|present| {
            let later = until > *present;
            if later {
                *present = until;
            }
            later
        });
    }

    /// Returns when the holder must stop acting.
    pub async fn lost(&self) {
        let mut until = self.usable_until.subscribe();
        loop {
            let deadline = *until.borrow_and_update();
            // The timer takes a moment even for what is past.
            if Instant::now() >= deadline {
                return;
            }
            tokio::select! {
                () = self.revoked.cancelled() => return,
                () = sleep_until(deadline) => return,
                Ok(()) = until.changed() => {}
            }
        }
    }
}

impl HeldLease {
    /// The lease itself.
    pub fn lease(&self) -> &Arc<Lease> {
        &self.lease
    }
}

impl Drop for HeldLease {
    fn drop(&mut self) {
        let mut held = self.leases.lock();
        if held.get(&self.task_id).is_some_and(|lease| Arc::ptr_eq(lease, &self.lease)) {
            held.remove(&self.task_id);
        }
    }
}

fn usable_until(asked_at: Instant, lasts: Duration) -> Instant {
    asked_at + usable_part(lasts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    const LASTS: Duration = Duration::from_secs(30);

    fn one() -> (Arc<Leases>, HeldLease, Uuid) {
        let leases = Arc::new(Leases::default());
        let task_id = Uuid::from_u128(1);
        let held = leases.hold(task_id, 1, Instant::now(), LASTS);
        (leases, held, task_id)
    }

    fn is_lost(held: &HeldLease) -> bool {
        held.lease().lost().now_or_never().is_some()
    }

    #[test]
    fn the_last_part_of_a_lease_is_not_used() {
        let asked_at = Instant::now();
        assert_eq!(usable_until(asked_at, LASTS), asked_at + Duration::from_secs(25));
    }

    #[tokio::test]
    async fn a_lease_that_nobody_renews_is_lost() {
        let leases = Arc::new(Leases::default());
        let lasts = Duration::from_millis(30);
        let asked_at = Instant::now();
        let held = leases.hold(Uuid::nil(), 1, asked_at, lasts);
        held.lease().lost().await;
        assert!(Instant::now() >= usable_until(asked_at, lasts));
    }

    #[tokio::test]
    async fn a_renewed_lease_lasts_on_and_an_older_answer_does_not_shorten_it() {
        let leases = Arc::new(Leases::default());
        let asked_at = Instant::now();
        let held = leases.hold(Uuid::nil(), 1, asked_at, Duration::ZERO);
        assert!(is_lost(&held));
        leases.renewed(&[(Uuid::nil(), 1)], &HashSet::from([Uuid::nil()]), asked_at, LASTS);
        assert!(!is_lost(&held));
        held.lease().extend(asked_at, Duration::ZERO);
        assert!(!is_lost(&held));
    }

    #[tokio::test]
    async fn a_lease_that_is_not_held_any_more_is_lost_at_once() {
        let (leases, held, task_id) = one();
        leases.renewed(&[], &HashSet::new(), Instant::now(), LASTS);
        assert!(!is_lost(&held), "it was not asked for");
        leases.renewed(&[(task_id, 0)], &HashSet::new(), Instant::now(), LASTS);
        assert!(!is_lost(&held), "an earlier claim was asked for");
        leases.renewed(&[(task_id, 1)], &HashSet::new(), Instant::now(), LASTS);
        assert!(is_lost(&held));
    }

    #[tokio::test]
    async fn a_new_claim_ends_the_earlier_one_and_outlives_it() {
        let (leases, earlier, task_id) = one();
        let later = leases.hold(task_id, 2, Instant::now(), LASTS);
        assert!(is_lost(&earlier));
        drop(earlier);
        assert_eq!(leases.list(), [(task_id, 2)]);
        drop(later);
        assert!(leases.list().is_empty());
    }
}
