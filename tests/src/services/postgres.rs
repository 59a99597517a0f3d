//! Databases on the test PostgreSQL.

use std::thread;

use tokio_postgres::{Client, Error, NoTls};
use url::Url;

use super::{endpoint, fail, unique_name};

/// An empty database of its own, dropped with this value (whoever is still connected is cut off).
#[derive(Debug)]
pub struct PostgresDatabase {
    admin_url: String,
    name: String,
    url: String,
}

impl PostgresDatabase {
    /// Creates one on the server that `FERRIC_TEST_POSTGRES_URL` names; `None` where it names none.
    pub async fn create() -> Option<Self> {
        let admin_url = endpoint("FERRIC_TEST_POSTGRES_URL")?;
        let name = unique_name();
        let mut url = match Url::parse(&admin_url) {
            Ok(url) => url,
            Err(error) => fail("parse FERRIC_TEST_POSTGRES_URL", error),
        };
        url.set_path(&name);
        if let Err(error) = execute(&admin_url, &format!("CREATE DATABASE {name}")).await {
            fail("create a test database", error);
        }
        Some(Self { admin_url, name, url: url.into() })
    }

    /// `postgres://…` of the new database.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A connection for looking at rows behind the product's back.
    pub async fn connect(&self) -> Client {
        match connect(&self.url).await {
            Ok(client) => client,
            Err(error) => fail("connect to the test database", error),
        }
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        let (admin_url, name) = (self.admin_url.clone(), self.name.clone());
        // A thread of its own, since a value may be dropped inside a runtime, where nothing may block on another one.
        let dropped = thread::spawn(move || -> Result<(), String> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let statement = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            runtime
                .map_err(|error| error.to_string())?
                .block_on(execute(&admin_url, &statement))
                .map_err(|error| error.to_string())
        });
        match dropped.join() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => eprintln!("test database {} is left behind: {error}", self.name),
            Err(_) => eprintln!("test database {} is left behind", self.name),
        }
    }
}

async fn execute(url: &str, statement: &str) -> Result<(), Error> {
    connect(url).await?.batch_execute(statement).await
}

async fn connect(url: &str) -> Result<Client, Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    // Ends by itself when the client is dropped; its error is what the client's own calls return.
    tokio::spawn(connection);
    Ok(client)
}
