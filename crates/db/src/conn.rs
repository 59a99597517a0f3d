//! One connection to either back end, and the dispatch that lets both share every query.

use crate::error::DbError;
use crate::statements::Slot;
use diesel::SqliteConnection;
use diesel_async::sync_connection_wrapper::{SpawnBlocking, SyncConnectionWrapper};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use futures::future::{BoxFuture, FutureExt};
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::ThreadId;
use tokio::runtime::{Handle, RuntimeFlavor};

/// A connection, lent by [`crate::Store`] for one read or one transaction.
pub struct Conn {
    pub(crate) raw: Raw,
    /// What carries its socket.
    pub(crate) home: Home,
    /// A statement failed in a way that running the whole transaction again may mend.
    pub(crate) again: bool,
    /// Set when the server is gone.
    closed: Arc<AtomicBool>,
    /// Where its statements are noted.
    statements: Slot,
}

/// A runtime that carries sockets: that of one thread, or the one that several threads share. Elsewhere a connection works
/// too, but each statement has to wake another thread and be woken by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Home {
    Thread(ThreadId),
    Shared,
}

impl Home {
    /// The one that this is called on.
    pub(crate) fn here() -> Self {
        match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
            Ok(RuntimeFlavor::CurrentThread) => Self::Thread(std::thread::current().id()),
            _ => Self::Shared,
        }
    }
}

/// The back ends.
pub(crate) enum Raw {
    Pg(Box<AsyncPgConnection>),
    Sqlite(SqliteConn),
}

/// SQLite behind tokio's blocking threads.
pub(crate) type SqliteConn = SyncConnectionWrapper<SqliteConnection, Blocking>;

/// Runs blocking work of SQLite; unlike diesel-async's own it neither panics nor blocks when a future is dropped on a
/// single-threaded runtime: the work ends in the background and the connection, no longer trusted, is closed after it.
pub(crate) struct Blocking;

impl SpawnBlocking for Blocking {
    fn spawn_blocking<'a, R>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Box<dyn Error + Send + Sync + 'static>>>
    where
        R: Send + 'static,
    {
        tokio::task::spawn_blocking(task).map(|joined| joined.map_err(Into::into)).boxed()
    }

    fn get_runtime() -> Self {
        Self
    }
}

/// Runs one query on whichever back end the connection has. `$db` names the diesel back end inside the query.
macro_rules! on {
    ($conn:ident, $db:ident, |$c:ident| $query:expr) => {{
        let outcome = match &mut $conn.raw {
            $crate::conn::Raw::Pg($c) => {
                let $c: &mut diesel_async::AsyncPgConnection = $c;
                #[allow(dead_code, reason = "only boxed queries name their back end")]
                type $db = diesel::pg::Pg;
                $query.await
            }
            $crate::conn::Raw::Sqlite($c) => {
                #[allow(dead_code, reason = "only boxed queries name their back end")]
                type $db = diesel::sqlite::Sqlite;
                $query.await
            }
        };
        outcome.map_err(|error| $conn.failed(error))
    }};
    ($conn:ident, |$c:ident| $query:expr) => {
        $crate::conn::on!($conn, Backend, |$c| $query)
    };
}
pub(crate) use on;

/// Inserts owned rows into a table with one statement. On SQLite the statement is made where it runs, for a batch cannot be
/// sent between threads.
macro_rules! insert_all {
    ($conn:ident, $table:expr, $rows:expr) => {{
        let rows = $rows;
        let outcome = match &mut $conn.raw {
            $crate::conn::Raw::Pg(c) => {
                let c: &mut diesel_async::AsyncPgConnection = c;
                diesel_async::RunQueryDsl::execute(diesel::insert_into($table).values(&rows), c).await
            }
            $crate::conn::Raw::Sqlite(c) => {
                c.spawn_blocking(move |c| {
                    diesel::RunQueryDsl::execute(diesel::insert_into($table).values(&rows), c)
                })
                .await
            }
        };
        outcome.map_err(|error| $conn.failed(error))
    }};
}
pub(crate) use insert_all;

impl Conn {
    pub(crate) fn new(mut raw: Raw, closed: Arc<AtomicBool>) -> Self {
        let statements = Slot::default();
        match &mut raw {
            Raw::Pg(pg) => pg.set_instrumentation(statements.instrumentation()),
            Raw::Sqlite(sqlite) => sqlite.set_instrumentation(statements.instrumentation()),
        }
        Self { raw, home: Home::here(), again: false, closed, statements }
    }

    /// From now on the connection works for the present task.
    pub(crate) fn attribute(&self) {
        self.statements.attribute();
    }

    /// Sorts a failure and remembers whether to run the transaction again.
    pub(crate) fn failed(&mut self, error: diesel::result::Error) -> DbError {
        let error = DbError::from_diesel(error);
        self.again |= matches!(error, DbError::Busy);
        if matches!(error, DbError::Unreachable { .. }) {
            self.closed.store(true, Ordering::Relaxed);
        }
        error
    }

    /// Whether the connection has become useless.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Runs statements without arguments.
    pub(crate) async fn batch(&mut self, sql: &str) -> Result<(), DbError> {
        on!(self, |c| c.batch_execute(sql))
    }

    /// Begins a transaction. SQLite takes its one write lock at once, so that no statement meets it halfway.
    pub(crate) async fn begin(&mut self) -> Result<(), DbError> {
        self.again = false;
        let sql = match self.raw {
            Raw::Pg(_) => "BEGIN",
            Raw::Sqlite(_) => "BEGIN IMMEDIATE",
        };
        self.batch(sql).await
    }
}
