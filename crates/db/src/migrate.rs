//! Bringing the schema to this version.

use crate::conn::{Conn, Raw, SqliteConn, on};
use crate::connect::Source;
use crate::error::DbError;
use crate::schema::__diesel_schema_migrations::dsl as applied;
use crate::store::Store;
use diesel::backend::Backend as DieselBackend;
use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::collections::HashSet;

const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// Number of the advisory lock under which processes migrate one after another: "ferric" in ASCII.
const PG_LOCK: &str = "SET statement_timeout = '300s'; SET lock_timeout = 0; \
                       SELECT pg_advisory_lock(112603918559587); SET statement_timeout = 0";

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Which way to go.
#[derive(Clone, Copy)]
enum Way {
    /// All that is pending.
    Up,
    /// The newest one.
    Down,
}

impl Store {
    /// Applies every pending migration and returns their names. Safe to call from many processes at once.
    pub async fn migrate(&self) -> Result<Vec<String>, DbError> {
        self.travel(Way::Up).await
    }

    /// Takes the newest migration back and returns its name, for going back to an older release. Loses what the newer
    /// schema alone could hold.
    pub async fn revert_migration(&self) -> Result<Option<String>, DbError> {
        Ok(self.travel(Way::Down).await?.pop())
    }

    /// Names of the migrations that this binary has and the database has not: one statement, for readiness.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, DbError> {
        let applied: HashSet<String> = self.read(applied_versions).await?.into_iter().collect();
        let known = match self.pool.source {
            Source::Pg(_) => names::<Pg>(&POSTGRES),
            Source::Sqlite(_) => names::<Sqlite>(&SQLITE),
        };
        let mut pending = known.map_err(broken)?;
        pending.retain(|(version, _)| !applied.contains(version));
        Ok(pending.into_iter().map(|(_, name)| name).collect())
    }

    async fn travel(&self, way: Way) -> Result<Vec<String>, DbError> {
        let done = match &self.pool.source {
            Source::Pg(_) => {
                // A connection of its own, closed afterwards: that ends the lock whatever happened.
                let conn = self.pool.source.open().await?;
                let Raw::Pg(conn) = conn.raw else { return Ok(Vec::new()) };
                postgres(*conn, way).await
            }
            Source::Sqlite(_) => {
                let mut lease = self.pool.acquire().await?;
                let done = match &mut lease.conn()?.raw {
                    Raw::Sqlite(conn) => sqlite(conn, way).await,
                    Raw::Pg(_) => Ok(Vec::new()),
                };
                lease.keep();
                done
            }
        };
        done.map_err(broken)
    }
}

async fn applied_versions(conn: &mut Conn) -> Result<Vec<String>, DbError> {
    let found = on!(conn, |c| applied::__diesel_schema_migrations.select(applied::version).load::<String>(c));
    match found {
        // Nothing was ever applied: the table itself is missing.
        Err(DbError::Internal(source)) if source.to_string().contains("__diesel_schema_migrations") => {
            Ok(Vec::new())
        }
        found => found,
    }
}

async fn postgres(mut conn: AsyncPgConnection, way: Way) -> Result<Vec<String>, Failure> {
    conn.batch_execute(PG_LOCK).await?;
    tokio::task::spawn_blocking(move || {
        let mut harness: AsyncConnectionWrapper<AsyncPgConnection> = conn.into();
        run(&mut harness, &POSTGRES, way)
    })
    .await?
}

async fn sqlite(conn: &mut SqliteConn, way: Way) -> Result<Vec<String>, Failure> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    conn.spawn_blocking(move |sqlite| {
        // One transaction around all of them, begun with the write lock: two processes cannot both see them pending.
        let done =
            sqlite.immediate_transaction(|sqlite| run(sqlite, &SQLITE, way).map_err(Undone::Migration));
        let done = done.map_err(|undone| match undone {
            Undone::Migration(failure) => failure,
            Undone::Transaction(error) => Box::new(error),
        });
        // Nobody listens only if the caller has gone away.
        drop(sender.send(done));
        Ok(())
    })
    .await?;
    receiver.await?
}

/// Why SQLite's transaction ended without a commit.
enum Undone {
    Migration(Failure),
    Transaction(diesel::result::Error),
}

impl From<diesel::result::Error> for Undone {
    fn from(error: diesel::result::Error) -> Self {
        Self::Transaction(error)
    }
}

fn run<DB, H>(harness: &mut H, source: &EmbeddedMigrations, way: Way) -> Result<Vec<String>, Failure>
where
    DB: DieselBackend,
    H: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let names = names::<DB>(source)?;
    let name = |version: MigrationVersion<'_>| {
        let version = version.to_string();
        names.iter().find(|row| row.0 == version).map_or(version, |row| row.1.clone())
    };
    match way {
        Way::Up => Ok(harness.run_pending_migrations(Ref(source))?.into_iter().map(name).collect()),
        Way::Down if harness.applied_migrations()?.is_empty() => Ok(Vec::new()),
        Way::Down => Ok(vec![name(harness.revert_last_migration(Ref(source))?)]),
    }
}

/// Version and name of each migration, oldest first.
fn names<DB: DieselBackend>(source: &EmbeddedMigrations) -> Result<Vec<(String, String)>, Failure>
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    let mut names: Vec<(String, String)> = MigrationSource::<DB>::migrations(source)?
        .iter()
        .map(|migration| (migration.name().version().to_string(), migration.name().to_string()))
        .collect();
    names.sort();
    Ok(names)
}

/// A source by reference; diesel implements the trait for owned ones only.
struct Ref<'a>(&'a EmbeddedMigrations);

impl<DB: DieselBackend> MigrationSource<DB> for Ref<'_>
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    fn migrations(&self) -> diesel::migration::Result<Vec<Box<dyn Migration<DB>>>> {
        self.0.migrations()
    }
}

fn broken(failure: Failure) -> DbError {
    DbError::Migration { reason: failure.to_string() }
}
