//! Carrying the outbox to the bus.

use crate::control::Control;
use crate::error::ControlError;
use ferric_db::{Conn, DbError, outbox};
use ferric_model::outbox::{OutboxMessage, Route};
use rand::RngExt;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Most messages of one round.
const BATCH: i64 = 200;

/// How long to wait for the bell at most: messages of a process that died are carried by another.
const IDLE: Duration = Duration::from_secs(3);

/// How long to wait after a bus that did not take a message.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

impl Control {
    /// Carries messages to the bus until told to stop, then once more.
    pub async fn run_relay(&self, stop: CancellationToken) {
        loop {
            let pause = match self.relay_once().await {
                Ok(sent) if sent == BATCH as usize => Duration::ZERO,
                Ok(_) => jittered(IDLE),
                Err(error) => {
                    tracing::warn!(%error, cause = ?std::error::Error::source(&error), "the outbox could not be carried to the bus");
                    jittered(AFTER_FAILURE)
                }
            };
            if stop.is_cancelled() {
                return;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.outbox_filled().notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Carries one batch; gives how many messages were sent. A message is deleted only after the bus confirmed it, so a
    /// crash in between sends it again (I-6).
    pub(crate) async fn relay_once(&self) -> Result<usize, ControlError> {
        let messages =
            self.store().read(async |conn: &mut Conn| outbox::list_unsent(conn, None, BATCH).await).await?;
        let mut sent = Vec::with_capacity(messages.len());
        let mut failure = None;
        for message in &messages {
            match self.publish(message).await {
                Ok(()) => sent.push(message.id),
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
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
