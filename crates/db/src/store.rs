//! The door to the database: reads, and transactions that either commit or leave nothing behind.

use crate::config::DatabaseConfig;
use crate::conn::Conn;
use crate::connect::jitter;
use crate::error::DbError;
use crate::pool::{Lease, Pool};
use std::sync::Arc;
use std::time::Duration;

/// How often a transaction runs again after losing to others.
const MAX_ATTEMPTS: u32 = 6;

/// How long one transaction may take, waiting for locks included.
const TRANSACTION: Duration = Duration::from_secs(30);

/// How long one read may take.
const READ: Duration = Duration::from_secs(30);

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) pool: Arc<Pool>,
}

/// An async closure over a connection whose future can be sent between threads.
///
/// Implemented for every `async |conn: &mut Conn| …`; nothing implements it by hand.
pub trait Work<A, R>: AsyncFnOnce(A) -> R + FnOnce(A) -> <Self as Work<A, R>>::Future {
    /// What the closure returns.
    type Future: Future<Output = R>;
}

impl<F, A, R, Fut> Work<A, R> for F
where
    F: AsyncFnOnce(A) -> R + FnOnce(A) -> Fut,
    Fut: Future<Output = R>,
{
    type Future = Fut;
}

impl Store {
    /// Opens the database; a server that does not answer yet is given `connect_timeout_secs`.
    ///
    /// Each connection is carried by the runtime that first needed it, and ends with that runtime.
    ///
    /// **Errors**: [`DbError::Config`] and [`DbError::Unreachable`], both of which name `database.url`.
    pub async fn connect(config: &DatabaseConfig) -> Result<Self, DbError> {
        Ok(Self { pool: Pool::connect(config).await? })
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), DbError> {
        self.read(async |conn: &mut Conn| conn.batch("SELECT 1").await).await
    }

    /// Lets this process hold so many connections, but no more than `max_connections` and at least one.
    pub fn resize(&self, connections: usize) {
        self.pool.resize(connections);
    }

    /// Connections of all processes together; 0 where each may hold what it wants.
    pub fn connection_budget(&self) -> usize {
        self.pool.budget
    }

    /// How many connections this process may hold now.
    pub fn size(&self) -> usize {
        self.pool.size()
    }

    /// Whether those who need a connection wait longer than `bearable` for it, as far as can be told from the last ones.
    pub fn is_overloaded(&self, bearable: Duration) -> bool {
        self.pool.is_overloaded(bearable)
    }

    /// Lends a connection for reads, without a transaction: each statement sees what is committed.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'c> Work<&'c mut Conn, Result<T, E>, Future: Send> + Send,
        T: Send,
        E: From<DbError> + Send,
    {
        let mut lease = self.pool.acquire().await?;
        let outcome = tokio::time::timeout(READ, work(lease.conn()?)).await;
        // After a timeout a statement may still run: the lease is dropped, not kept.
        let outcome = outcome.map_err(|_| DbError::Timeout { doing: "read" })?;
        lease.keep();
        outcome
    }

    /// Runs one transaction, named for logs.
    ///
    /// An error rolls everything back. A transaction that lost to others (deadlock, serialization, a locked file) runs
    /// again from the start, which is why `work` is `Clone`: it must have no effect outside the database and must not wait
    /// for the network (I-7). A future that is dropped halfway leaves nothing behind.
    ///
    /// **Errors**: those of `work`; [`DbError::Busy`] after the last attempt; [`DbError::Unreachable`] during the commit
    /// means that nobody knows whether it happened.
    pub async fn write<T, E, F>(&self, name: &'static str, work: F) -> Result<T, E>
    where
        F: for<'c> Work<&'c mut Conn, Result<T, E>, Future: Send> + Clone + Send,
        T: Send,
        E: From<DbError> + Send,
    {
        let mut attempt = 1;
        loop {
            let mut lease = self.pool.acquire().await?;
            let outcome = tokio::time::timeout(TRANSACTION, transact(&mut lease, work.clone())).await;
            let Ok((outcome, again)) = outcome else {
                tracing::warn!(transaction = name, "a transaction took too long and was rolled back");
                return Err(DbError::Timeout { doing: "finish a transaction" }.into());
            };
            match outcome {
                Ok(value) => {
                    lease.keep();
                    return Ok(value);
                }
                Err((error, clean)) => {
                    if clean {
                        lease.keep();
                    } else {
                        drop(lease);
                    }
                    if !again || attempt == MAX_ATTEMPTS {
                        return Err(error);
                    }
                }
            }
            tracing::debug!(transaction = name, attempt, "a transaction lost to others and runs again");
            tokio::time::sleep(jitter(attempt, Duration::from_millis(5), Duration::from_millis(500))).await;
            attempt += 1;
        }
    }
}

/// One attempt: what came out, with whether a failure left the connection clean; and whether to try again.
async fn transact<T, E, F>(lease: &mut Lease, work: F) -> (Result<T, (E, bool)>, bool)
where
    F: for<'c> Work<&'c mut Conn, Result<T, E>, Future: Send> + Send,
    T: Send,
    E: From<DbError> + Send,
{
    let conn = match lease.conn() {
        Ok(conn) => conn,
        Err(error) => return (Err((error.into(), false)), false),
    };
    if let Err(error) = conn.begin().await {
        // Nothing was done yet, so a lost connection is worth another attempt too.
        let again = error.retryable();
        return (Err((error.into(), false)), again);
    }
    let outcome = match work(conn).await {
        Ok(value) => conn.batch("COMMIT").await.map(|()| value).map_err(E::from),
        Err(error) => Err(error),
    };
    match outcome {
        Ok(value) => (Ok(value), false),
        Err(error) => {
            let again = conn.again;
            let clean = conn.batch("ROLLBACK").await.is_ok();
            (Err((error, clean)), again)
        }
    }
}
