//! What a request costs the database: the statements that were run for it.
//!
//! A tally follows the task it was begun in; [`inherit`] carries it into tasks that are spawned. Without a tally a statement
//! costs one look at an empty slot.

use diesel::connection::{Instrumentation, InstrumentationEvent};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

tokio::task_local! {
    static CURRENT: Tally;
}

/// Statements in the order in which they were run. Clones share one list.
#[derive(Debug, Clone, Default)]
pub struct Tally(Arc<Mutex<Vec<Statement>>>);

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// What it does.
    pub kind: StatementKind,
    /// Its text, without the values.
    pub sql: String,
}

/// What a statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementKind {
    /// Reads.
    Read,
    /// Writes.
    Write,
    /// Begins a transaction.
    Begin,
    /// Ends a transaction, well or badly.
    End,
}

/// What the statements of a request come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// Statements outside of transactions.
    pub reads: usize,
    /// Transactions.
    pub transactions: usize,
    /// Statements inside of transactions.
    pub inside: usize,
}

/// Where a connection notes its statements, if anywhere.
#[derive(Clone, Default)]
pub(crate) struct Slot(Arc<Mutex<Option<Tally>>>);

impl Tally {
    /// Runs `work` and notes every statement that is run for it.
    pub async fn over<F: Future>(&self, work: F) -> F::Output {
        CURRENT.scope(self.clone(), work).await
    }

    /// What was noted since the last call.
    pub fn take(&self) -> Vec<Statement> {
        std::mem::take(&mut *lock(&self.0))
    }

    fn note(&self, text: &str) {
        let sql = text.split(" -- binds:").next().unwrap_or_default().trim().to_owned();
        lock(&self.0).push(Statement { kind: StatementKind::of(&sql), sql });
    }
}

/// Carries the tally of this task, if it has one, into the task that `work` becomes.
pub fn inherit<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let tally = CURRENT.try_with(Tally::clone).ok();
    async move {
        match tally {
            Some(tally) => tally.over(work).await,
            None => work.await,
        }
    }
}

impl Cost {
    /// Adds statements up.
    pub fn of(statements: &[Statement]) -> Self {
        let (mut cost, mut open) = (Self::default(), false);
        for statement in statements {
            match statement.kind {
                StatementKind::Begin => {
                    cost.transactions += 1;
                    open = true;
                }
                StatementKind::End => open = false,
                StatementKind::Read | StatementKind::Write if open => cost.inside += 1,
                StatementKind::Read | StatementKind::Write => cost.reads += 1,
            }
        }
        cost
    }
}

impl StatementKind {
    fn of(sql: &str) -> Self {
        match sql.split_whitespace().next().unwrap_or_default() {
            "SELECT" => Self::Read,
            "BEGIN" => Self::Begin,
            "COMMIT" | "ROLLBACK" => Self::End,
            _ => Self::Write,
        }
    }
}

impl Slot {
    /// From now on notes statements where the present task wants them.
    pub(crate) fn attribute(&self) {
        *lock(&self.0) = CURRENT.try_with(Tally::clone).ok();
    }

    /// What diesel calls.
    pub(crate) fn instrumentation(&self) -> impl Instrumentation {
        let slot = self.clone();
        move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event
                && let Some(tally) = &*lock(&slot.0)
            {
                tally.note(&query.to_string());
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_add_up() {
        let tally = Tally::default();
        for text in [
            "SELECT 1 -- binds: [\"secret\"]",
            "BEGIN IMMEDIATE",
            "UPDATE x",
            "SELECT 2",
            "COMMIT",
            "SELECT 3",
        ] {
            tally.note(text);
        }
        let statements = tally.take();
        assert_eq!(statements[0].sql, "SELECT 1");
        assert_eq!(Cost::of(&statements), Cost { reads: 2, transactions: 1, inside: 2 });
        assert!(tally.take().is_empty());
    }
}
