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
        loop {
            let stopped = stop.is_cancelled();
            let looks = Instant::now() >= look_at;
            let pause = match self.relay_once(looks).await {
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
            }
        }
    }

    /// One round, with a look for what was left behind or without; tells whether there may be more of that.
    async fn relay_once(&self, looks: bool) -> Result<bool, ControlError> {
        self.relay_own().await?;
        Ok(looks && self.relay_left_behind().await? == BATCH)
    }

    /// Carries what this process left since the last round.
    async fn relay_own(&self) -> Result<(), ControlError> {
        loop {
            let ids = self.outbox_bell().take(BATCH);
            if ids.is_empty() {
                return Ok(());
            }
            let messages =
                self.store().read(async |conn: &mut Conn| outbox::list_by_ids(conn, &ids).await).await?;
            self.relay(&messages).await?;
        }
    }

    /// Carries a batch of what nobody has carried for a while.
    async fn relay_left_behind(&self) -> Result<usize, ControlError> {
        let before = self.now() - LEFT_BEHIND;
        let limit = BATCH as i64;
        let messages = self
            .store()
            .read(async |conn: &mut Conn| outbox::list_unsent(conn, Some(before), limit).await)
            .await?;
        self.relay(&messages).await
    }

    /// Carries messages, some at once; gives how many were sent. A message is deleted only after the bus confirmed it, so a
    /// crash in between sends it again (I-6). After a failure nothing more is begun.
    async fn relay(&self, messages: &[OutboxMessage]) -> Result<usize, ControlError> {
        let mut sent = Vec::with_capacity(messages.len());
        let mut failure = None;
        // What closures borrow they cannot lend to tasks: each message is taken along.
        let mut carried = stream::iter(messages.to_vec())
            .map(|message| async move { self.publish(&message).await.map(|()| message.id) })
            .buffer_unordered(AT_ONCE);
        while let Some(carried) = carried.next().await {
            match carried {
                Ok(id) => sent.push(id),
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        drop(carried);
        if !sent.is_empty() {
            self.store()
                .write("sent", async |conn: &mut Conn| {
                    outbox::delete_sent(conn, &sent).await?;
                    Ok::<_, DbError>(())
                })
                .await?;
        }
        failure.map_or(Ok(sent.len()), Err)
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

/// A pause of half to the whole of `longest`, so that processes that started together drift apart.
pub(crate) fn jittered(longest: Duration) -> Duration {
    longest.mul_f64(rand::rng().random_range(0.5..=1.0))
}
