//! The token that this service shows when it asks for the tokens of others.

use super::client::{CallError, Client, OwnToken};
use ferric_model::clock::SharedClock;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use time::OffsetDateTime;

/// Holds the token and gets a new one before it expires, or when it was refused.
#[derive(Debug)]
pub(super) struct OwnTokens {
    clock: SharedClock,
    held: Mutex<Option<Arc<OwnToken>>>,
    /// Whoever has it gets a token, so that one call is made for all.
    getting: tokio::sync::Mutex<()>,
}

impl OwnTokens {
    pub(super) fn new(clock: SharedClock) -> Self {
        Self { clock, held: Mutex::default(), getting: tokio::sync::Mutex::default() }
    }

    /// A token that has not expired.
    pub(super) async fn get(&self, client: &Client) -> Result<Arc<OwnToken>, CallError> {
        match self.usable() {
            Some(token) if !token.is_old(self.clock.now()) => Ok(token),
            Some(token) => match self.getting.try_lock() {
                Ok(_turn) => match self.renew(client).await {
                    Err(error) => {
                        tracing::warn!(?error, "the token of this service at Keystone was not renewed yet");
                        Ok(token)
                    }
                    renewed => renewed,
                },
                Err(_) => Ok(token),
            },
            None => {
                let _turn = self.getting.lock().await;
                match self.usable() {
                    Some(token) => Ok(token),
                    None => self.renew(client).await,
                }
            }
        }
    }

    /// Forgets a token that Keystone refused.
    pub(super) fn forget(&self, refused: &Arc<OwnToken>) {
        let mut held = self.held();
        if held.as_ref().is_some_and(|token| Arc::ptr_eq(token, refused)) {
            *held = None;
        }
    }

    async fn renew(&self, client: &Client) -> Result<Arc<OwnToken>, CallError> {
        let token = Arc::new(client.authenticate(self.clock.now()).await?);
        *self.held() = Some(Arc::clone(&token));
        Ok(token)
    }

    fn usable(&self) -> Option<Arc<OwnToken>> {
        let now = self.clock.now();
        self.held().as_ref().filter(|token| token.expires_at > now).map(Arc::clone)
    }

    fn held(&self) -> MutexGuard<'_, Option<Arc<OwnToken>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OwnToken {
    /// Whether less than a fifth of its life is left.
    fn is_old(&self, now: OffsetDateTime) -> bool {
        self.expires_at - now < (self.expires_at - self.issued_at) / 5
    }
}
