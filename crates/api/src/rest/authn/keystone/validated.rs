//! Tokens that were validated a short while ago.

use super::token::Token;
use ferric_model::secret::Secret;
use moka::future::Cache;
use moka::ops::compute::Op;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;

/// A memory of bounded size, keyed by digests, so that it holds no token.
#[derive(Debug)]
pub(super) struct Validated {
    cache: Cache<Key, Known>,
}

/// What stands for a token, and for whether it may have expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key([u8; 32]);

/// What is known of a token.
#[derive(Debug, Clone)]
pub(super) struct Known {
    /// Whose it is; nobody's if `None`.
    pub token: Option<Arc<Token>>,
    /// When Keystone has to be asked again.
    pub until: OffsetDateTime,
}

impl Key {
    pub(super) fn new(token: &Secret<Vec<u8>>, allow_expired: bool) -> Self {
        Self(
            Sha256::new()
                .chain_update([u8::from(allow_expired)])
                .chain_update(token.expose())
                .finalize()
                .into(),
        )
    }
}

impl Validated {
    /// A memory of `size` tokens, none of them longer than `longest`.
    pub(super) fn new(size: u64, longest: Duration) -> Self {
        Self { cache: Cache::builder().max_capacity(size).time_to_live(longest).build() }
    }

    /// What is known of a token; what is not is found out by `ask`, once for all who want to know at the same time.
    pub(super) async fn get<E: Send + Sync + 'static>(
        &self,
        key: Key,
        now: OffsetDateTime,
        ask: impl Future<Output = Result<Known, E>>,
    ) -> Result<Known, Arc<E>> {
        if self.cache.get(&key).await.is_some_and(|known| known.until <= now) {
            let outdated = |known: &Known| known.until <= now;
            let forget = self.cache.entry(key).and_compute_with(|entry| {
                let remove = entry.is_some_and(|entry| outdated(entry.value()));
                std::future::ready(if remove { Op::Remove } else { Op::Nop })
            });
            forget.await;
        }
        self.cache.try_get_with(key, ask).await
    }
}
