//! The bell between those who leave rows of work, messages for example, and those who do it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Most rows that are remembered; what is beyond is found in the database a little later.
const MOST: usize = 10_000;

/// Rings when this process left rows, and remembers which.
#[derive(Debug)]
pub(crate) struct Bell<T = i64> {
    left: Mutex<Vec<T>>,
    ringing: Notify,
}

impl<T> Default for Bell<T> {
    fn default() -> Self {
        Self { left: Mutex::default(), ringing: Notify::default() }
    }
}

impl<T: Clone> Bell<T> {
    /// These rows were left.
    pub(crate) fn ring(&self, rows: &[T]) {
        let mut left = self.lock();
        let room = MOST.saturating_sub(left.len());
        left.extend(rows.iter().take(room).cloned());
        drop(left);
        self.ringing.notify_one();
    }

    /// Waits until it rings.
    pub(crate) async fn rung(&self) {
        self.ringing.notified().await;
    }

    /// Takes up to `most` of them, the oldest first.
    pub(crate) fn take(&self, most: usize) -> Vec<T> {
        let mut left = self.lock();
        let count = most.min(left.len());
        left.drain(..count).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<T>> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Bell, MOST};

    #[tokio::test]
    async fn numbers_are_taken_once_and_in_order() {
        let bell: Bell = Bell::default();
        bell.ring(&[1, 2]);
        bell.ring(&[3]);
        bell.rung().await;
        assert_eq!((bell.take(2), bell.take(2), bell.take(2)), (vec![1, 2], vec![3], vec![]));
        bell.ring(&vec![0; MOST + 1]);
        assert_eq!(bell.take(usize::MAX).len(), MOST);
    }
}
