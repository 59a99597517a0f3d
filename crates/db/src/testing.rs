//! A fresh, migrated database of each back end for each test, here and in the crates above.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use crate::{DatabaseConfig, Store};
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use futures::FutureExt;
use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use tokio_postgres::NoTls;
use uuid::Uuid;

/// Names a PostgreSQL server on which databases may be made.
const POSTGRES: &str = "FERRIC_TEST_POSTGRES_URL";

/// A database of its own for one test.
pub struct Database {
    /// How it is opened.
    pub config: DatabaseConfig,
    /// It, open.
    pub store: Store,
}

/// Runs `test` on SQLite, and on PostgreSQL if there is a server.
pub async fn on_each(test: impl AsyncFn(Database)) {
    on_sqlite(&test).await;
    on_postgres(&test).await;
}

/// Runs `test` on a SQLite file.
pub async fn on_sqlite(test: impl AsyncFn(Database)) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("below/ferric.db").display());
    test(migrated(url).await).await;
}

/// Runs `test` on a PostgreSQL database, which is dropped whatever happens.
pub async fn on_postgres(test: impl AsyncFn(Database)) {
    let Ok(admin) = std::env::var(POSTGRES) else {
        println!("skipped on PostgreSQL: {POSTGRES} is not set");
        return;
    };
    let name = format!("ferric_test_{}", Uuid::new_v4().simple());
    execute(&admin, &format!("CREATE DATABASE {name} TEMPLATE template0")).await;
    let mut url = admin.clone();
    let path = url.find("://").unwrap() + 3;
    let slash = url[path..].find('/').map_or(url.len(), |at| path + at);
    let query = url[path..].find('?').map_or(url.len(), |at| path + at);
    url.replace_range(slash..query.max(slash), &format!("/{name}"));
    let outcome = AssertUnwindSafe(async { test(migrated(url).await).await }).catch_unwind().await;
    execute(&admin, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

impl Database {
    /// The connections that PostgreSQL has to this database, but for the one that asks, each by the number of its process.
    /// Those that have just been closed may be among them.
    pub async fn connections(&self) -> BTreeSet<i32> {
        let (client, connection) = tokio_postgres::connect(&self.config.url, NoTls).await.unwrap();
        let ask = async {
            let question = "SELECT pid FROM pg_stat_activity \
                            WHERE datname = current_database() AND pid <> pg_backend_pid()";
            client.query(question, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
        };
        tokio::select! {
            pids = ask => pids,
            ended = connection => panic!("the connection ended: {ended:?}"),
        }
    }

    /// Runs SQL past the crate, for what its queries cannot do.
    pub async fn sql(&self, sql: &str) {
        match self.config.url.strip_prefix("sqlite:") {
            Some(path) => SqliteConnection::establish(path).unwrap().batch_execute(sql).unwrap(),
            None => execute(&self.config.url, sql).await,
        }
    }
}

async fn migrated(url: String) -> Database {
    let config = DatabaseConfig { url, ..DatabaseConfig::default() };
    let store = Store::connect(&config).await.unwrap();
    store.migrate().await.unwrap();
    Database { config, store }
}

async fn execute(url: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::join!(
        async {
            client.batch_execute(sql).await.unwrap();
            drop(client);
        },
        async { connection.await.unwrap() }
    );
}
