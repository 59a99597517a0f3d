//! Not asking a service that does not answer.

use std::sync::{Mutex, MutexGuard, PoisonError};
use time::{Duration, OffsetDateTime};

/// Opens after some failures in a row; then one call after each pause finds out whether it may close.
#[derive(Debug)]
pub(super) struct Circuit {
    /// Failures in a row after which it is open.
    limit: u32,
    pause: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    failures: u32,
    /// When the next call may go out although the circuit is open.
    next_at: OffsetDateTime,
}

impl Circuit {
    pub(super) fn new(limit: u32, pause: Duration) -> Self {
        let state = State { failures: 0, next_at: OffsetDateTime::UNIX_EPOCH };
        Self { limit: limit.max(1), pause, state: Mutex::new(state) }
    }

    /// Whether a call may go out.
    pub(super) fn lets_out(&self, now: OffsetDateTime) -> bool {
        let mut state = self.state();
        if state.failures < self.limit {
            return true;
        }
        // A clock that was set back must not keep it open.
        let due = now >= state.next_at || state.next_at - now > self.pause;
        if due {
            state.next_at = now + self.pause;
        }
        due
    }

    /// The service answered. Returns whether the circuit was open.
    pub(super) fn succeeded(&self) -> bool {
        std::mem::take(&mut self.state().failures) >= self.limit
    }

    /// The service did not answer. Returns whether that opened the circuit.
    pub(super) fn failed(&self, now: OffsetDateTime) -> bool {
        let mut state = self.state();
        state.failures = state.failures.saturating_add(1);
        state.next_at = now + self.pause;
        state.failures == self.limit
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::Circuit;
    use time::{Duration, OffsetDateTime};

    #[test]
    fn an_open_circuit_lets_out_one_call_after_each_pause() {
        let circuit = Circuit::new(2, Duration::seconds(5));
        let now = OffsetDateTime::UNIX_EPOCH + Duration::days(1);
        assert!(circuit.lets_out(now));
        assert!(!circuit.failed(now));
        assert!(circuit.lets_out(now));
        assert!(circuit.failed(now));
        assert!(!circuit.lets_out(now));

        let later = now + Duration::seconds(5);
        assert!(circuit.lets_out(later));
        assert!(!circuit.lets_out(later));
        assert!(!circuit.failed(later));
        assert!(circuit.lets_out(now - Duration::days(1)), "the clock was set back");

        assert!(circuit.succeeded());
        assert!(!circuit.succeeded());
        assert!(circuit.lets_out(later));
    }
}
