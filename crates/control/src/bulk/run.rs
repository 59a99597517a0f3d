//! Who visits operations, and when: whoever has reason to think that one can go on, and everybody now and then.

use super::visit::Visited;
use crate::control::Control;
use crate::error::ControlError;
use crate::outbox_pause;
use ferric_db::{Conn, DbError, operations};
use ferric_model::operation::Operation;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use rand::RngExt;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Operations that one process visits at once.
const AT_ONCE: usize = 4;

/// Operations that are looked up at once.
const LOOK: i64 = 100;

/// How long to leave an operation alone that another process visits.
const BUSY: Duration = Duration::from_millis(500);

/// What one of the works under way came to. All are polled together: one that holds a connection to the database must not wait
/// for another that needs it.
enum Done {
    Visit(Uuid, Result<Visited, ControlError>),
    Look(Result<Vec<Uuid>, ControlError>),
}

impl Control {
    /// Visits operations until told to stop: at once those that this process has accepted, canceled or ended a task of, and
    /// now and then those that nobody visits: their process may have died, or time was to pass.
    pub async fn run_bulk(&self, stop: CancellationToken) {
        let interval = Duration::from_secs(self.settings().sweep_interval_secs.max(1));
        let mut look_at = Instant::now() + interval.mul_f64(rand::rng().random_range(0.0..=1.0));
        let mut again_at = look_at;
        let (mut queue, mut busy, mut there) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut under_way: FuturesUnordered<BoxFuture<'_, Done>> = FuturesUnordered::new();
        while !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => {}
                Some(done) = under_way.next() => match done {
                    Done::Visit(uuid, outcome) => {
                        there.remove(&uuid);
                        if log(uuid, &outcome) {
                            busy.insert(uuid);
                            again_at = Instant::now() + outbox_pause(BUSY);
                        }
                    }
                    Done::Look(Ok(found)) => queue.extend(found),
                    Done::Look(Err(error)) => tracing::warn!(%error, "operations could not be looked up"),
                },
                () = self.bulk_bell().rung() => {}
                () = tokio::time::sleep_until(again_at), if !busy.is_empty() => queue.append(&mut busy),
                () = tokio::time::sleep_until(look_at) => {
                    look_at = Instant::now() + outbox_pause(interval);
                    under_way.push(self.undriven().map(Done::Look).boxed());
                }
            }
            queue.extend(self.bulk_bell().take(usize::MAX));
            while there.len() < AT_ONCE
                && let Some(uuid) = queue.iter().find(|uuid| !there.contains(*uuid)).copied()
            {
                queue.remove(&uuid);
                there.insert(uuid);
                let visit = self.visit_bulk(uuid, &stop).map(move |outcome| Done::Visit(uuid, outcome));
                under_way.push(visit.boxed());
            }
        }
        // Those who are there give their leases back, so that others need not wait for the end of these.
        while let Some(done) = under_way.next().await {
            if let Done::Visit(uuid, outcome) = done {
                log(uuid, &outcome);
            }
        }
    }

    /// Visits each operation that nobody visits, once; gives how many there were.
    pub async fn sweep_bulk(&self) -> Result<usize, ControlError> {
        let (undriven, stop) = (self.undriven().await?, CancellationToken::new());
        for uuid in &undriven {
            self.visit_bulk(*uuid, &stop).await?;
        }
        Ok(undriven.len())
    }

    async fn undriven(&self) -> Result<Vec<Uuid>, ControlError> {
        let now = self.now();
        let list = async |conn: &mut Conn| operations::list_undriven(conn, now, LOOK).await;
        let found: Result<Vec<Operation>, DbError> = self.store().read(list).await;
        Ok(found?.into_iter().map(|operation| operation.uuid).collect())
    }
}

/// Whether another process was there.
fn log(uuid: Uuid, outcome: &Result<Visited, ControlError>) -> bool {
    if let Err(error) = outcome {
        let cause = std::error::Error::source(error);
        tracing::warn!(operation = %uuid, %error, ?cause, "an operation could not go on; it is visited again");
    }
    matches!(outcome, Ok(Visited::Busy))
}
