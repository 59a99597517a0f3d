//! Waiting for one's turn at a node that somebody else holds.
//!
//! Most holds are short: a change of power, a look at the hardware. A caller that waits a little for them is spared an error
//! that says no more than "again".

use crate::watch::{Hub, Waiter};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

/// One caller's place in the queue for a node.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    hub: &'a Hub,
    patience: Duration,
    deadline: Option<Instant>,
    place: Option<(Uuid, Waiter<'a>)>,
}

impl<'a> Turn<'a> {
    /// A caller that waits for `patience` at most, over all holders together.
    pub(super) fn new(hub: &'a Hub, patience: Duration) -> Self {
        Self { hub, patience, deadline: None, place: None }
    }

    /// Whether the node is worth another look: at once when its holder is new to this caller, for it may have ended before
    /// the place was taken; otherwise when the holder has ended. False when patience is over.
    pub(super) async fn wait(&mut self, holder: Uuid) -> bool {
        let deadline = *self.deadline.get_or_insert_with(|| Instant::now() + self.patience);
        match self.place.take() {
            Some((of, waiter)) if of == holder => timeout_at(deadline, waiter.rung()).await.is_ok(),
            _ => {
                self.place = Some((holder, self.hub.wait_for(holder)));
                Instant::now() < deadline
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Turn;
    use crate::watch::Hub;
    use std::time::Duration;
    use uuid::Uuid;

    const LONG: Duration = Duration::from_secs(600);

    #[tokio::test]
    async fn every_caller_looks_again_when_the_holder_ends() {
        let (hub, holder) = (Hub::default(), Uuid::new_v4());
        let (mut one, mut other) = (Turn::new(&hub, LONG), Turn::new(&hub, LONG));
        assert!(one.wait(holder).await && other.wait(holder).await, "it may have ended already");
        let ring = async { hub.ring(holder) };
        let (first, second, ()) = tokio::join!(one.wait(holder), other.wait(holder), ring);
        assert!(first && second);
    }

    #[tokio::test]
    async fn patience_ends() {
        let hub = Hub::default();
        let mut turn = Turn::new(&hub, Duration::ZERO);
        assert!(!turn.wait(Uuid::new_v4()).await);
        let holder = Uuid::new_v4();
        let mut turn = Turn::new(&hub, Duration::from_millis(1));
        while turn.wait(holder).await {}
    }
}
