//! Opening connections: reading `database.url`, waiting for a server that is not up yet.

use crate::config::DatabaseConfig;
use crate::conn::{Blocking, Conn, Raw};
use crate::error::DbError;
use crate::tls::{self, TlsRequest};
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::Instant;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{Client, NoTls, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

/// What may be written in `database.url`.
const FORMS: &str = "expected sqlite:PATH, sqlite::memory: or postgres://USER:PASSWORD@HOST:PORT/DATABASE, special \
                     characters percent-encoded";

/// How long one attempt to reach a server may take.
const ATTEMPT: Duration = Duration::from_secs(10);

/// Settings of every PostgreSQL session: no statement and no forgotten transaction lives for ever.
const PG_SESSION: &str = "SET statement_timeout = '30s'; SET lock_timeout = '10s'; \
                          SET idle_in_transaction_session_timeout = '60s'; SET application_name = 'ferric'";

/// Settings of the SQLite connection; the timeout comes first because the others already need the lock.
const SQLITE_SESSION: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; \
                              PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;";

/// Where connections come from.
pub(crate) enum Source {
    Pg(Box<PgSource>),
    Sqlite(SqliteSource),
}

/// A PostgreSQL server.
pub(crate) struct PgSource {
    config: tokio_postgres::Config,
    /// `None` where nothing is encrypted.
    tls: Option<MakeRustlsConnect>,
}

/// A SQLite file, or memory if there is none.
pub(crate) struct SqliteSource {
    path: Option<PathBuf>,
}

impl Source {
    /// Reads `database.url`.
    pub(crate) fn parse(config: &DatabaseConfig) -> Result<Self, DbError> {
        let url = config.url.trim();
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return match path {
                "" => Err(DbError::Config { problem: format!("has no path; {FORMS}") }),
                ":memory:" => Ok(Self::Sqlite(SqliteSource { path: None })),
                path => Ok(Self::Sqlite(SqliteSource { path: Some(path.into()) })),
            };
        }
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(DbError::Config { problem: format!("names no known database; {FORMS}") });
        }
        // The parser's own message may quote a piece of a password that was not encoded, and such a piece may pass for a
        // host or a database, which messages name.
        let unreadable = || DbError::Config { problem: format!("cannot be parsed; {FORMS}") };
        let (url, tls) = TlsRequest::take_from(url)?;
        let mut pg: tokio_postgres::Config = url.parse().map_err(|_| unreadable())?;
        if hosts(&pg).contains('@') || pg.get_dbname().is_some_and(|name| name.contains('@')) {
            return Err(unreadable());
        }
        let tls = tls.connector()?;
        pg.ssl_mode(if tls.is_some() { SslMode::Require } else { SslMode::Disable });
        pg.connect_timeout(ATTEMPT).tcp_user_timeout(Duration::from_secs(30));
        Ok(Self::Pg(Box::new(PgSource { config: pg, tls })))
    }

    /// Whether the data dies with the connection.
    pub(crate) fn is_memory(&self) -> bool {
        matches!(self, Self::Sqlite(SqliteSource { path: None }))
    }

    /// Whether there can be one connection only.
    pub(crate) fn is_single(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// Opens a connection, once.
    pub(crate) async fn open(&self) -> Result<Conn, DbError> {
        match self {
            Self::Pg(pg) => pg.open().await.map_err(|failure| failure.error),
            Self::Sqlite(sqlite) => sqlite.open().await,
        }
    }

    /// Opens a connection; waits until `deadline` for a server that is on its way up.
    pub(crate) async fn open_patiently(&self, deadline: Instant) -> Result<Conn, DbError> {
        let Self::Pg(pg) = self else { return self.open().await };
        let mut attempt = 0;
        loop {
            let failure = match pg.open().await {
                Ok(conn) => return Ok(conn),
                Err(failure) => failure,
            };
            let pause = jitter(attempt, Duration::from_millis(200), Duration::from_secs(3));
            if !failure.may_pass || Instant::now() + pause >= deadline {
                return Err(failure.error);
            }
            tracing::warn!(error = %failure.error, attempt, "the database does not answer yet");
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }
}

/// Why a connection could not be opened, and whether waiting helps.
struct OpenFailure {
    error: DbError,
    may_pass: bool,
}

/// Says that a connection has ended, even if that is because its runtime has.
struct End(Arc<AtomicBool>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl PgSource {
    async fn open(&self) -> Result<Conn, OpenFailure> {
        let dial = async {
            match &self.tls {
                Some(tls) => self.dial(tls.clone()).await,
                None => self.dial(NoTls).await,
            }
        };
        let (client, closed) = tokio::time::timeout(ATTEMPT, dial)
            .await
            .map_err(|_| OpenFailure {
                error: DbError::Timeout { doing: "accept a connection" },
                may_pass: true,
            })?
            .map_err(|error| self.describe(&error))?;
        let setup = async {
            let mut pg = AsyncPgConnection::try_from(client).await?;
            pg.batch_execute(PG_SESSION).await.map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
            Ok::<_, diesel::ConnectionError>(pg)
        };
        match tokio::time::timeout(ATTEMPT, setup).await {
            Ok(Ok(pg)) => Ok(Conn::new(Raw::Pg(Box::new(pg)), closed)),
            Ok(Err(error)) => {
                let error = DbError::Unreachable { reason: error.to_string() };
                Err(OpenFailure { error, may_pass: true })
            }
            Err(_) => {
                Err(OpenFailure { error: DbError::Timeout { doing: "set up a connection" }, may_pass: true })
            }
        }
    }

    /// Connects, carried by the runtime that this is called on; the flag tells when the connection has ended.
    async fn dial<T>(&self, tls: T) -> Result<(Client, Arc<AtomicBool>), tokio_postgres::Error>
    where
        T: MakeTlsConnect<Socket>,
        T::Stream: Send + 'static,
        T::TlsConnect: Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        let (client, connection) = self.config.connect(tls).await?;
        let closed = Arc::new(AtomicBool::new(false));
        let end = End(Arc::clone(&closed));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::warn!(%error, "a database connection broke");
            }
            drop(end);
        });
        Ok((client, closed))
    }

    fn describe(&self, error: &tokio_postgres::Error) -> OpenFailure {
        // What the server refuses by code (password, unknown database) stays refused, except while it starts or is full.
        let mut may_pass = error
            .code()
            .is_none_or(|code| [SqlState::CANNOT_CONNECT_NOW, SqlState::TOO_MANY_CONNECTIONS].contains(code));
        let mut reason = error.to_string();
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            reason = format!("{reason}: {cause}");
            may_pass &= !tls::is_disagreement(cause);
            source = cause.source();
        }
        OpenFailure {
            error: DbError::Unreachable { reason: format!("{reason} ({})", self.address()) },
            may_pass,
        }
    }

    /// User, hosts and database, without the password.
    fn address(&self) -> String {
        let ports: Vec<String> = self.config.get_ports().iter().map(u16::to_string).collect();
        format!(
            "user {}, host {}, port {}, database {}",
            self.config.get_user().unwrap_or("?"),
            hosts(&self.config),
            if ports.is_empty() { "5432".to_owned() } else { ports.join(",") },
            self.config.get_dbname().unwrap_or("?")
        )
    }
}

fn hosts(config: &tokio_postgres::Config) -> String {
    let name = |host: &Host| match host {
        Host::Tcp(name) => name.clone(),
        #[cfg(unix)]
        Host::Unix(path) => path.display().to_string(),
    };
    config.get_hosts().iter().map(name).collect::<Vec<_>>().join(",")
}

impl SqliteSource {
    async fn open(&self) -> Result<Conn, DbError> {
        let path = self.path.clone();
        let opened = tokio::task::spawn_blocking(move || open_file(path.as_deref())).await;
        let raw = opened.map_err(|error| DbError::Internal(Box::new(error)))??;
        let wrapped = crate::conn::SqliteConn::with_runtime(raw, Blocking);
        Ok(Conn::new(Raw::Sqlite(wrapped), Arc::new(AtomicBool::new(false))))
    }
}

fn open_file(path: Option<&Path>) -> Result<SqliteConnection, DbError> {
    let unusable = |path: &Path, problem: &dyn std::fmt::Display| DbError::Config {
        problem: format!("cannot open {}: {problem}", path.display()),
    };
    let mut conn = match path {
        None => {
            SqliteConnection::establish(":memory:").map_err(|error| DbError::Internal(Box::new(error)))?
        }
        Some(path) => {
            if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
                std::fs::create_dir_all(parent).map_err(|error| unusable(path, &error))?;
            }
            let text = path.to_str().ok_or_else(|| unusable(path, &"the path is not UTF-8"))?;
            SqliteConnection::establish(text).map_err(|error| unusable(path, &error))?
        }
    };
    conn.batch_execute(SQLITE_SESSION).map_err(|error| match DbError::from_diesel(error) {
        DbError::Internal(source) => DbError::Config { problem: format!("cannot be used: {source}") },
        passing => passing,
    })?;
    Ok(conn)
}

/// A random pause that grows with the attempts.
pub(crate) fn jitter(attempt: u32, first: Duration, most: Duration) -> Duration {
    let bound = first.saturating_mul(1 << attempt.min(10)).min(most);
    bound.mul_f64(rand::random_range(0.25..=1.0))
}
