//! The connections at rest, and the rule that only a connection known to be clean comes back to them (I-7).

use crate::config::DatabaseConfig;
use crate::conn::{Conn, Home};
use crate::connect::Source;
use crate::error::DbError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// Connections to one database.
pub(crate) struct Pool {
    pub(crate) source: Source,
    /// One for each connection; handed out in the order of asking.
    permits: Arc<Semaphore>,
    size: Mutex<Size>,
    idle: Mutex<Vec<Idle>>,
    acquire_timeout: Duration,
    /// Connections of all processes together, or 0.
    pub(crate) budget: usize,
    waits: Waits,
}

/// How many connections there may be.
struct Size {
    /// Now.
    now: usize,
    /// As the operator decided.
    most: usize,
    /// Connections on loan that are more than there may be: each is closed when it comes back.
    surplus: usize,
}

/// How long connections are waited for.
#[derive(Default)]
struct Waits {
    /// How many wait now.
    waiting: AtomicUsize,
    state: Mutex<Recent>,
}

#[derive(Default)]
struct Recent {
    /// A mean of the last waits, in seconds.
    mean: f64,
    /// When somebody last got a connection.
    served_at: Option<Instant>,
}

/// Somebody who waits, counted until dropped.
struct Waiting<'a>(&'a Waits);

/// What takes too long when no connection can be had.
const DOING: &str = "lend a connection";

/// How long a connection may rest before it is closed, but for the last one.
const REST: Duration = Duration::from_secs(30);

/// A connection at rest.
struct Idle {
    conn: Conn,
    since: Instant,
    /// Whether somebody left it in the middle of something.
    abandoned: bool,
}

/// A connection on loan. Dropped without [`Lease::keep`] (an error, a panic, a future nobody waits for any more) the
/// connection is closed, which rolls its transaction back; memory, which lives in its connection, is rolled back on next use.
pub(crate) struct Lease {
    pool: Arc<Pool>,
    conn: Option<Conn>,
    clean: bool,
    permit: Option<OwnedSemaphorePermit>,
}

impl Idle {
    /// A connection on which nothing is open.
    fn clean(conn: Conn) -> Self {
        Self { conn, since: Instant::now(), abandoned: false }
    }
}

impl Pool {
    /// Opens the first connection, waiting for a server that is on its way up.
    pub(crate) async fn connect(config: &DatabaseConfig) -> Result<Arc<Self>, DbError> {
        let source = Source::parse(config)?;
        let deadline = Instant::now() + Duration::from_secs(config.connect_timeout_secs);
        let first = source.open_patiently(deadline).await?;
        let source_is_single = source.is_single();
        let most = if source_is_single { 1 } else { config.max_connections.clamp(1, 1_000) };
        // Where many processes share a budget, each begins with one connection until it knows its share.
        let now = if config.connection_budget > 0 && !source_is_single { 1 } else { most };
        Ok(Arc::new(Self {
            source,
            permits: Arc::new(Semaphore::new(now)),
            size: Mutex::new(Size { now, most, surplus: 0 }),
            waits: Waits::default(),
            budget: if source_is_single { 0 } else { config.connection_budget },
            idle: Mutex::new(vec![Idle::clean(first)]),
            acquire_timeout: Duration::from_secs(config.acquire_timeout_secs),
        }))
    }

    /// Borrows a connection.
    pub(crate) async fn acquire(self: &Arc<Self>) -> Result<Lease, DbError> {
        let deadline = Instant::now() + self.acquire_timeout;
        let permit = match Arc::clone(&self.permits).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => {
                let waiting = self.waits.begin();
                tokio::time::timeout_at(deadline, Arc::clone(&self.permits).acquire_owned())
                    .await
                    .map_err(|_| DbError::Timeout { doing: DOING })
                    .inspect(|_| waiting.served())?
                    .map_err(|error| DbError::Internal(Box::new(error)))?
            }
        };
        let mut lease = Lease { pool: Arc::clone(self), conn: None, clean: false, permit: Some(permit) };
        let Idle { conn, abandoned, .. } = self.find(deadline).await?;
        let conn = lease.conn.insert(conn);
        // Fails if no transaction was open any more, which is as well.
        if abandoned && conn.batch("ROLLBACK").await.is_err() {
            tracing::debug!("an abandoned connection had no open transaction");
        }
        conn.attribute();
        Ok(lease)
    }

    /// Lets there be so many connections, but no more than the operator decided and at least one. Those that are too many
    /// are closed, at once or when they come back.
    pub(crate) fn resize(&self, wanted: usize) {
        let mut size = lock(&self.size);
        let wanted = wanted.clamp(1, size.most);
        if wanted > size.now {
            let more = wanted - size.now;
            let kept = more.min(size.surplus);
            size.surplus -= kept;
            self.permits.add_permits(more - kept);
        } else {
            let fewer = size.now - wanted;
            size.surplus += fewer - self.permits.forget_permits(fewer);
        }
        size.now = wanted;
        lock(&self.idle).truncate(wanted);
    }

    /// How many connections there may be now.
    pub(crate) fn size(&self) -> usize {
        lock(&self.size).now
    }

    /// Whether those who need a connection wait longer than `bearable` for it.
    pub(crate) fn is_overloaded(&self, bearable: Duration) -> bool {
        if self.waits.waiting.load(Ordering::Relaxed) == 0 {
            return false;
        }
        let recent = lock(&self.waits.state);
        let stuck = recent.served_at.is_some_and(|at| at.elapsed() > bearable);
        stuck || recent.mean > bearable.as_secs_f64()
    }

    /// Whether a connection that comes back is one too many.
    fn is_surplus(&self) -> bool {
        let mut size = lock(&self.size);
        let surplus = size.surplus > 0;
        size.surplus -= usize::from(surplus);
        surplus
    }

    /// The connection to lend: one at home here that rests, a new one while there may be more, else one from elsewhere.
    async fn find(&self, deadline: Instant) -> Result<Idle, DbError> {
        let home = Home::here();
        if let Some(idle) = self.pop(|conn| conn.home == home) {
            return Ok(idle);
        }
        if self.has_room()
            && let Ok(Ok(conn)) = tokio::time::timeout_at(deadline, self.source.open()).await
        {
            return Ok(Idle::clean(conn));
        }
        if let Some(idle) = self.pop(|_| true) {
            return Ok(idle);
        }
        let opened = tokio::time::timeout_at(deadline, self.source.open_patiently(deadline)).await;
        Ok(Idle::clean(opened.map_err(|_| DbError::Timeout { doing: DOING })??))
    }

    /// Whether another connection may be opened beside those that are lent and those that rest.
    fn has_room(&self) -> bool {
        let resting = lock(&self.idle).len();
        resting > 0 && resting <= self.permits.available_permits()
    }

    /// Takes the connection that came to rest last of those that are `wanted` and not closed.
    fn pop(&self, wanted: impl Fn(&Conn) -> bool) -> Option<Idle> {
        let mut idle = lock(&self.idle);
        idle.retain(|idle| !idle.conn.is_closed());
        let place = idle.iter().rposition(|idle| wanted(&idle.conn))?;
        Some(idle.remove(place))
    }

    /// Lets a connection rest, and closes those that have rested for long.
    fn push(&self, conn: Conn, abandoned: bool) {
        let mut idle = lock(&self.idle);
        let now = Instant::now();
        idle.retain(|idle| now - idle.since < REST);
        idle.push(Idle { conn, since: now, abandoned });
    }
}

impl Waits {
    /// How much of the mean is the last wait.
    const WEIGHT: f64 = 0.2;

    fn begin(&self) -> Begun<'_> {
        if self.waiting.fetch_add(1, Ordering::Relaxed) == 0 {
            // Nobody has waited for a while: what was before says nothing.
            *lock(&self.state) = Recent { mean: 0.0, served_at: Some(Instant::now()) };
        }
        Begun { waiting: Waiting(self), at: Instant::now() }
    }
}

/// A wait that has begun.
struct Begun<'a> {
    waiting: Waiting<'a>,
    at: Instant,
}

impl Begun<'_> {
    /// It has come to its end.
    fn served(&self) {
        let mut recent = lock(&self.waiting.0.state);
        recent.mean += Waits::WEIGHT * (self.at.elapsed().as_secs_f64() - recent.mean);
        recent.served_at = Some(Instant::now());
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
        let surplus = self.pool.is_surplus();
        if surplus && let Some(permit) = self.permit.take() {
            permit.forget();
        }
        let Some(conn) = self.conn.take() else { return };
        let keep = !surplus && (self.clean || self.pool.source.is_memory());
        if keep && !conn.is_closed() {
            self.pool.push(conn, !self.clean);
        }
    }
}
