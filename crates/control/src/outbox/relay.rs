//! Carrying the outbox to the bus.

use crate::control::Control;
use crate::error::ControlError;
use ferric_db::{Conn, DbError, outbox};
use ferric_model::outbox::{OutboxMessage, Route};
use futures::{StreamExt, stream};
use rand::RngExt;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Most messages of one round.
const BATCH: usize = 200;

/// Messages on their way at once: a broker confirms many together as fast as one.
const AT_ONCE: usize = 32;

/// Messages that were sent and are forgotten together.
const FORGOTTEN_TOGETHER: usize = 100;

/// How long a message that was sent may stay; until then a crash sends it again, which does no harm (I-6).
const FORGOTTEN_AFTER: Duration = Duration::from_millis(200);

/// A message of this age was left behind by a process that died or could not reach the bus: any other carries it.
const LEFT_BEHIND: Duration = Duration::from_secs(3);

/// How long to wait for the bell at most, before looking for what was left behind.
const IDLE: Duration = Duration::from_secs(3);

/// How long to wait after a bus that did not take a message.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

impl Control {
    /// Carries messages to the bus until told to stop, then once more: at once what this process left, and now and then
    /// what others left behind. Processes that all carried everything would send nearly every message several times.
    pub async fn run_relay(&self, stop: CancellationToken) {
        let mut look_at = Instant::now();
        let mut sent = Sent::default();
        loop {
            let stopped = stop.is_cancelled();
            let looks = Instant::now() >= look_at;
            // Who looks must not find what was sent.
            let forgets = stopped || looks || sent.is_due();
            let pause = match self.relay_once(&mut sent, looks, forgets).await {
                Ok(more) => {
                    if looks {
                        look_at = Instant::now() + if more { Duration::ZERO } else { jittered(IDLE) };
                    }
                    look_at.saturating_duration_since(Instant::now())
                }
                Err(error) => {
                    tracing::warn!(%error, cause = ?std::error::Error::source(&error), "the outbox could not be carried to the bus");
                    look_at = Instant::now();
                    jittered(AFTER_FAILURE)
                }
            };
            if stopped {
                return;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.outbox_bell().rung() => {}
                () = tokio::time::sleep(pause) => {}
                () = sent.due() => {}
            }
        }
    }

    /// One round, with a look for what was left behind or without; tells whether there may be more of that.
    async fn relay_once(&self, sent: &mut Sent, looks: bool, forgets: bool) -> Result<bool, ControlError> {
        let carried = self.relay_own(sent).await;
        if forgets {
            self.forget(sent).await?;
        }
        carried?;
        if !looks {
            return Ok(false);
        }
        let carried = self.relay_left_behind(sent).await;
        self.forget(sent).await?;
        Ok(carried? == BATCH)
    }

    /// Carries what this process left since the last round, which need not be read again.
    async fn relay_own(&self, sent: &mut Sent) -> Result<(), ControlError> {
        loop {
            let messages = self.outbox_bell().take(BATCH);
            if messages.is_empty() {
                return Ok(());
            }
            self.relay(&messages, sent).await?;
            if sent.is_due() {
                self.forget(sent).await?;
            }
        }
    }

    /// Deletes what was sent.
    async fn forget(&self, sent: &mut Sent) -> Result<(), ControlError> {
        if !sent.ids.is_empty() {
            let ids = &sent.ids;
            self.store()
                .write("sent", async |conn: &mut Conn| {
                    outbox::delete_sent(conn, ids).await?;
                    Ok::<_, DbError>(())
                })
                .await?;
            *sent = Sent::default();
        }
        Ok(())
    }

    /// Carries a batch of what nobody has carried for a while.
    async fn relay_left_behind(&self, sent: &mut Sent) -> Result<usize, ControlError> {
        let before = self.now() - LEFT_BEHIND;
        let limit = BATCH as i64;
        let messages = self
            .store()
            .read(async |conn: &mut Conn| outbox::list_unsent(conn, Some(before), limit).await)
            .await?;
        self.relay(&messages, sent).await
    }

    /// Carries messages, some at once; gives how many were sent. A message is deleted only after the bus confirmed it, so a
    /// crash in between sends it again (I-6). After a failure nothing more is begun.
    async fn relay(&self, messages: &[OutboxMessage], sent: &mut Sent) -> Result<usize, ControlError> {
        let (mut count, mut failure) = (0, None);
        // What closures borrow they cannot lend to tasks: each message is taken along.
        let mut carried = stream::iter(messages.to_vec())
            .map(|message| async move { self.publish(&message).await.map(|()| message.id) })
            .buffer_unordered(AT_ONCE);
        while let Some(carried) = carried.next().await {
            match carried {
                Ok(id) => {
                    sent.note(id);
                    count += 1;
                }
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        drop(carried);
        failure.map_or(Ok(count), Err)
    }

    async fn publish(&self, message: &OutboxMessage) -> Result<(), ControlError> {
        let published = match &message.route {
            Route::Action { conductor_group } => {
                self.bus().publish_action_bytes(conductor_group, &message.payload).await
            }
            Route::Event => self.bus().publish_event_bytes(&message.payload).await,
        };
        Ok(published?)
    }
}

/// Messages that were sent and are still in the outbox.
#[derive(Debug, Default)]
struct Sent {
    ids: Vec<i64>,
    /// When the first of them was sent.
    since: Option<Instant>,
}

impl Sent {
    fn note(&mut self, id: i64) {
        self.ids.push(id);
        self.since.get_or_insert_with(Instant::now);
    }

    /// Whether they are to be forgotten now.
    fn is_due(&self) -> bool {
        self.ids.len() >= FORGOTTEN_TOGETHER
            || self.since.is_some_and(|since| since.elapsed() >= FORGOTTEN_AFTER)
    }

    /// Waits until they are to be forgotten; for ever while there are none.
    async fn due(&self) {
        match self.since {
            Some(since) => tokio::time::sleep_until(since + FORGOTTEN_AFTER).await,
            None => std::future::pending().await,
        }
    }
}

/// A pause of half to the whole of `longest`, so that processes that started together drift apart.
pub(crate) fn jittered(longest: Duration) -> Duration {
    longest.mul_f64(rand::rng().random_range(0.5..=1.0))
}
