//! The connections at rest, and the rule that only a connection known to be clean comes back to them (I-7).

use crate::config::DatabaseConfig;
use crate::conn::Conn;
use crate::connect::Source;
use crate::error::DbError;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// Connections to one database.
pub(crate) struct Pool {
    pub(crate) source: Source,
    /// One for each connection; handed out in the order of asking.
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Idle>>,
    acquire_timeout: Duration,
}

/// A connection at rest.
struct Idle {
    conn: Conn,
    /// Whether somebody left it in the middle of something.
    abandoned: bool,
}

/// A connection on loan. Dropped without [`Lease::keep`] (an error, a panic, a future nobody waits for any more) the
/// connection is closed, which rolls its transaction back; memory, which lives in its connection, is rolled back on next use.
pub(crate) struct Lease {
    pool: Arc<Pool>,
    conn: Option<Conn>,
    clean: bool,
    _permit: OwnedSemaphorePermit,
}

impl Pool {
    /// Opens the first connection, waiting for a server that is on its way up.
    pub(crate) async fn connect(config: &DatabaseConfig) -> Result<Arc<Self>, DbError> {
        let source = Source::parse(config)?;
        let deadline = Instant::now() + Duration::from_secs(config.connect_timeout_secs);
        let first = source.open_patiently(deadline).await?;
        let size = if source.is_single() { 1 } else { config.max_connections.clamp(1, 1_000) };
        Ok(Arc::new(Self {
            source,
            permits: Arc::new(Semaphore::new(size)),
            idle: Mutex::new(vec![Idle { conn: first, abandoned: false }]),
            acquire_timeout: Duration::from_secs(config.acquire_timeout_secs),
        }))
    }

    /// Borrows a connection.
    pub(crate) async fn acquire(self: &Arc<Self>) -> Result<Lease, DbError> {
        const DOING: &str = "lend a connection";
        let deadline = Instant::now() + self.acquire_timeout;
        let permit = tokio::time::timeout_at(deadline, Arc::clone(&self.permits).acquire_owned())
            .await
            .map_err(|_| DbError::Timeout { doing: DOING })?
            .map_err(|error| DbError::Internal(Box::new(error)))?;
        let mut lease = Lease { pool: Arc::clone(self), conn: None, clean: false, _permit: permit };
        match std::iter::from_fn(|| self.pop()).find(|idle| !idle.conn.is_closed()) {
            Some(Idle { conn, abandoned }) => {
                let conn = lease.conn.insert(conn);
                // Fails if no transaction was open any more, which is as well.
                if abandoned && conn.batch("ROLLBACK").await.is_err() {
                    tracing::debug!("an abandoned connection had no open transaction");
                }
            }
            None => {
                let opened = tokio::time::timeout_at(deadline, self.source.open_patiently(deadline)).await;
                lease.conn = Some(opened.map_err(|_| DbError::Timeout { doing: DOING })??);
            }
        }
        lease.conn()?.attribute();
        Ok(lease)
    }

    fn pop(&self) -> Option<Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn push(&self, idle: Idle) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(idle);
    }
}

impl Lease {
    /// The connection.
    pub(crate) fn conn(&mut self) -> Result<&mut Conn, DbError> {
        self.conn.as_mut().ok_or(DbError::Unreachable { reason: "the connection is gone".to_owned() })
    }

    /// Gives the connection back: nothing is open on it.
    pub(crate) fn keep(mut self) {
        self.clean = true;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(conn) = self.conn.take() else { return };
        let keep = self.clean || self.pool.source.is_memory();
        if keep && !conn.is_closed() {
            self.pool.push(Idle { conn, abandoned: !self.clean });
        }
    }
}
