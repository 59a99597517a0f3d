//! Requests that may be sent again: under a key of its caller's a request is carried out once, and answered as often as it comes.

use crate::actor::{Actor, RequestContext};
use crate::commit::new_id;
use crate::control::Control;
use crate::error::ControlError;
use ferric_db::idempotency::{self, KeyedRequest, StoredAnswer};
use ferric_db::{Conn, DbError};
use serde_json::json;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// How long a request is believed to be worked on without a word of its end.
const PATIENCE: Duration = Duration::seconds(60);

/// Longest key.
const LONGEST: usize = 255;

/// How often is looked again when keys come and go meanwhile.
const ATTEMPTS: usize = 3;

/// What to do with a request under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keyed {
    /// It is new: carry it out, and give what it creates this identity.
    New(Uuid),
    /// Somebody began with it and was not heard of again. Carry it out with the same identity; what it creates may be there
    /// already, made since that moment.
    Left(Uuid, OffsetDateTime),
    /// It was carried out: answer the same.
    Answered(StoredAnswer),
}

/// What came of a request under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyedOutcome {
    /// It was done: this is answered from now on.
    Done(StoredAnswer),
    /// It was refused and has changed nothing: the key may be used again.
    Refused,
    /// Nobody knows.
    Unknown,
}

impl Control {
    /// Begins with a request that its caller may send again under `key`; `digest` stands for what it asks.
    ///
    /// **Errors**: `Invalid` for what cannot be a key; `KeyReused` when something else was asked under it; `Conflict` while
    /// the request is worked on.
    pub async fn begin_keyed(
        &self,
        context: &RequestContext,
        key: &str,
        digest: &str,
    ) -> Result<Keyed, ControlError> {
        if key.is_empty() || key.len() > LONGEST || !key.bytes().all(|b| b.is_ascii_graphic() || b == b' ') {
            let text = format!("An idempotency key has 1 to {LONGEST} visible characters of ASCII.");
            return Err(ControlError::Invalid(text));
        }
        let now = self.now();
        let expires = i64::try_from(self.settings().idempotency_key_secs).unwrap_or(i64::MAX / 2);
        let alive_since = now - Duration::seconds(expires);
        let request = KeyedRequest {
            caller: name_of(&context.actor),
            key: key.to_owned(),
            digest: digest.to_owned(),
            identity: new_id(),
            answer: None,
            claimed_at: now,
            created_at: now,
        };
        for _ in 0..ATTEMPTS {
            let insert = async |conn: &mut Conn| idempotency::insert(conn, &request).await;
            if self.store().write("begin_keyed", insert).await.map_err(ControlError::Database)? {
                return Ok(Keyed::New(request.identity));
            }
            let find = async |conn: &mut Conn| idempotency::find(conn, &request.caller, key).await;
            let found: Result<_, DbError> = self.store().read(find).await;
            let Some(known) = found? else { continue };
            if known.created_at < alive_since {
                let expire = async |conn: &mut Conn| idempotency::expire(conn, &known, alive_since).await;
                self.store().write("expire_key", expire).await.map_err(ControlError::Database)?;
                continue;
            }
            if known.digest != digest {
                let text = "The Idempotency-Key was used for another request: use another key for this one.";
                return Err(ControlError::KeyReused(text.to_owned()));
            }
            if let Some(answer) = known.answer {
                return Ok(Keyed::Answered(answer));
            }
            if now - known.claimed_at < PATIENCE {
                break;
            }
            let take_over = async |conn: &mut Conn| idempotency::take_over(conn, &known, now).await;
            if self.store().write("take_over_key", take_over).await.map_err(ControlError::Database)? {
                return Ok(Keyed::Left(known.identity, known.created_at));
            }
        }
        let text = "A request with this Idempotency-Key is being worked on, please retry.";
        Err(ControlError::Conflict(text.to_owned()))
    }

    /// Ends with a request under a key. What cannot be written is logged: the request can be sent again all the same.
    pub async fn end_keyed(&self, context: &RequestContext, key: &str, outcome: &KeyedOutcome) {
        let caller = name_of(&context.actor);
        let written: Result<(), DbError> = self
            .store()
            .write("end_keyed", async |conn: &mut Conn| match outcome {
                KeyedOutcome::Done(answer) => idempotency::complete(conn, &caller, key, answer).await,
                KeyedOutcome::Refused => idempotency::forget(conn, &caller, key).await,
                KeyedOutcome::Unknown => idempotency::leave(conn, &caller, key).await,
            })
            .await;
        if let Err(error) = written {
            tracing::warn!(%error, "what came of a request under a key could not be written");
        }
    }
}

/// Who a caller is, as far as keys go: rights may change between two tries.
fn name_of(actor: &Actor) -> String {
    let Actor { user, user_domain, project, domain, system_scope, .. } = actor;
    json!([user, user_domain, project, domain, system_scope]).to_string()
}
