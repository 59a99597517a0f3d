//! The share of this process in the connections that all API processes may hold together.
//!
//! Each process says now and then that it lives and counts those that do. It gives connections up as soon as it hears of a
//! newcomer, and takes more only after nothing has changed for a while: by then the others have given up theirs.

use crate::control::Control;
use crate::error::ControlError;
use ferric_db::{Conn, DbError, processes};
use std::sync::{Mutex, PoisonError};
use time::Duration;
use uuid::Uuid;

/// A process that was not heard of for so many sweeps is gone.
const SILENT_SWEEPS: i64 = 6;

/// After so many rounds without a change a process takes what it has not had before.
const ROUNDS: u32 = 2;

/// This part of the budget is left to newcomers, which begin with one connection each.
const NEWCOMERS_PART: usize = 10;

/// What this process knows of its share.
#[derive(Debug)]
pub(crate) struct Share {
    process: Uuid,
    state: Mutex<State>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct State {
    /// Connections that it holds at most.
    taken: usize,
    /// What it may hold, and for how many rounds that has not changed.
    due: usize,
    rounds: u32,
}

impl Default for Share {
    fn default() -> Self {
        Self { process: Uuid::new_v4(), state: Mutex::new(State { taken: 1, due: 1, rounds: 0 }) }
    }
}

/// What each of `live` processes may hold.
fn share(budget: usize, live: usize) -> usize {
    let newcomers = (budget / NEWCOMERS_PART).max(1);
    (budget.saturating_sub(newcomers) / live.max(1)).max(1)
}

impl State {
    /// After a look at how many live.
    fn next(self, budget: usize, live: usize) -> Self {
        let due = share(budget, live);
        let rounds = if due == self.due { self.rounds + 1 } else { 0 };
        let taken = if rounds >= ROUNDS { due } else { self.taken.min(due) };
        Self { taken, due, rounds }
    }
}

impl Control {
    /// Says that this process lives, and holds what is its share of the connections; gives how many processes live.
    pub(crate) async fn sweep_connections(&self) -> Result<usize, ControlError> {
        let budget = self.store().connection_budget();
        if budget == 0 {
            return Ok(0);
        }
        let interval = i64::try_from(self.settings().sweep_interval_secs.max(1)).unwrap_or(1);
        let (now, process) = (self.now(), self.share().process);
        let gone = now - Duration::seconds(interval * SILENT_SWEEPS);
        let live = self
            .store()
            .write("connections", async |conn: &mut Conn| processes::touch(conn, process, now, gone).await)
            .await
            .map_err(|error: DbError| ControlError::Database(error))?;
        let mut state = self.share().state.lock().unwrap_or_else(PoisonError::into_inner);
        let next = state.next(budget, live);
        if next.taken != state.taken {
            tracing::info!(
                processes = live,
                connections = next.taken,
                "the share in the connections changes"
            );
            self.store().resize(next.taken);
        }
        *state = next;
        Ok(live)
    }

    /// Leaves its share to the others.
    pub(crate) async fn leave_connections(&self) {
        if self.store().connection_budget() == 0 {
            return;
        }
        let process = self.share().process;
        let left: Result<(), DbError> =
            self.store().write("leave", async |conn: &mut Conn| processes::remove(conn, process).await).await;
        if let Err(error) = left {
            tracing::debug!(%error, "the others find out by the silence");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Processes that look in turn, each once in a round; gives the most connections that there ever were.
    fn most(budget: usize, arrivals: &[usize]) -> usize {
        let mut states: Vec<State> = Vec::new();
        let mut most = 0;
        for round in 0..arrivals.len() + 6 {
            let newcomers = arrivals.get(round).copied().unwrap_or(0);
            states.extend(vec![State { taken: 1, due: 1, rounds: 0 }; newcomers]);
            for index in 0..states.len() {
                states[index] = states[index].next(budget, states.len());
                most = most.max(states.iter().map(|state| state.taken).sum());
            }
        }
        let even = share(budget, states.len());
        assert!(states.iter().all(|state| state.taken == even), "{states:?}");
        most
    }

    #[test]
    fn the_budget_is_kept_whoever_comes() {
        assert_eq!(most(100, &[1]), 90);
        for arrivals in [&[1, 0, 0, 0, 1, 0, 0, 9][..], &[3, 7, 0, 0, 0, 10], &[30], &[1, 1, 1, 1, 1, 1]] {
            assert!(most(100, arrivals) <= 100, "{arrivals:?}");
        }
        // More processes than connections: each has one, for it cannot do with none.
        assert_eq!(most(5, &[8]), 8);
    }

    #[test]
    fn what_becomes_free_is_taken_after_a_while() {
        let mut state = State { taken: 9, due: 9, rounds: 5 };
        let taken: Vec<usize> = (0..4)
            .map(|_| {
                state = state.next(100, 5);
                state.taken
            })
            .collect();
        assert_eq!(taken, [9, 9, 18, 18]);
    }
}
