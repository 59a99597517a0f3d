//! Event subscriptions of the service: who wants to be told, and of what.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// All subscriptions.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    next: u64,
    subscriptions: BTreeMap<u64, Subscription>,
}

#[derive(Clone, Debug)]
pub(crate) struct Subscription {
    pub destination: String,
    pub protocol: String,
    pub context: String,
    pub event_types: Vec<String>,
}

impl Subscriptions {
    pub(crate) fn add(&self, subscription: Subscription) -> u64 {
        let mut known = self.lock();
        known.next += 1;
        let id = known.next;
        known.subscriptions.insert(id, subscription);
        id
    }

    pub(crate) fn find(&self, id: u64) -> Option<Subscription> {
        self.lock().subscriptions.get(&id).cloned()
    }

    pub(crate) fn remove(&self, id: u64) -> bool {
        self.lock().subscriptions.remove(&id).is_some()
    }

    pub(crate) fn ids(&self) -> Vec<u64> {
        self.lock().subscriptions.keys().copied().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
