//! What must not remain when all work is done: unfinished tasks, leases, outbox rows, reservations.

use std::time::Duration;

use anyhow::{Context, bail};
use ferric_db::nodes::NodeFilter;
use ferric_db::{Conn, DatabaseConfig, DbError, Store, nodes, outbox, tasks};
use ferric_model::page::Page;
use tokio_postgres::Client;

use crate::wait::{Look, wait_for};

/// The outbox is emptied and the last reports arrive a moment after clients see the result.
const SOON: Duration = Duration::from_secs(20);

/// Questions to PostgreSQL, each with one column of text; a row is a finding.
const FINDINGS: [(&str, &str); 4] = [
    (
        "unfinished task",
        "SELECT action || ' ' || id || ' is ' || state || ' for node ' || node_uuid FROM tasks \
         WHERE state NOT IN ('succeeded', 'failed') OR finished_at IS NULL",
    ),
    (
        "lease",
        "SELECT action || ' ' || id || ' of ' || coalesce(claimed_by, 'nobody') FROM tasks \
         WHERE lease_expires_at IS NOT NULL",
    ),
    ("outbox row", "SELECT kind || ' ' || id FROM outbox"),
    (
        "reservation",
        "SELECT uuid || ' (' || provision_state || ') by ' || reservation FROM nodes WHERE reservation IS NOT NULL",
    ),
];

/// A look into the database of an installation.
pub enum Database {
    /// By SQL.
    Postgres(Client),
    /// By the product's own queries.
    Sqlite(Store),
}

/// What is recorded of one task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRow {
    /// The node.
    pub node_uuid: String,
    /// How often it was claimed.
    pub epoch: i64,
    /// How many conductors were lost over it.
    pub lost_leases: i32,
    /// Where it stands.
    pub state: String,
}

impl Database {
    pub(crate) async fn open_sqlite(url: &str) -> anyhow::Result<Self> {
        let config = DatabaseConfig { url: url.to_owned(), ..DatabaseConfig::default() };
        Ok(Self::Sqlite(
            Store::connect(&config).await.context("cannot open the database of the installation")?,
        ))
    }

    /// Expects that soon nothing is left over.
    pub async fn expect_nothing_left(&self) -> anyhow::Result<()> {
        wait_for("nothing to be left over", SOON, async || {
            let left = self.leftovers().await?;
            Ok(Look::when(left.is_empty(), (), left.join("; ")))
        })
        .await
    }

    async fn leftovers(&self) -> anyhow::Result<Vec<String>> {
        match self {
            Self::Postgres(client) => {
                let mut left = Vec::new();
                for (what, question) in FINDINGS {
                    let rows = client.query(question, &[]).await?;
                    left.extend(rows.iter().map(|row| format!("{what}: {}", row.get::<_, String>(0))));
                }
                Ok(left)
            }
            Self::Sqlite(store) => {
                Ok(store.read(async |conn: &mut Conn| sqlite_leftovers(conn).await).await?)
            }
        }
    }

    /// The conductors that work on something at this moment; PostgreSQL only.
    pub async fn holders_of_leases(&self) -> anyhow::Result<Vec<String>> {
        let question =
            "SELECT DISTINCT claimed_by FROM tasks WHERE state = 'running' AND claimed_by IS NOT NULL";
        let rows = self.postgres()?.query(question, &[]).await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    fn postgres(&self) -> anyhow::Result<&Client> {
        match self {
            Self::Postgres(client) => Ok(client),
            Self::Sqlite(_) => bail!("this is asked of PostgreSQL only"),
        }
    }

    /// The tasks of one action; PostgreSQL only.
    pub async fn tasks(&self, action: &str) -> anyhow::Result<Vec<TaskRow>> {
        let question =
            "SELECT node_uuid, epoch, lost_leases, state FROM tasks WHERE action = $1 ORDER BY created_at";
        let rows = self.postgres()?.query(question, &[&action]).await?;
        Ok(rows
            .iter()
            .map(|row| TaskRow {
                node_uuid: row.get(0),
                epoch: row.get(1),
                lost_leases: row.get(2),
                state: row.get(3),
            })
            .collect())
    }
}

/// A task's lease ends with the task there, so that unfinished tasks are the leases.
async fn sqlite_leftovers(conn: &mut Conn) -> Result<Vec<String>, DbError> {
    let mut left = Vec::new();
    let unfinished = tasks::count_unfinished(conn).await?;
    if unfinished > 0 {
        left.push(format!("{unfinished} unfinished tasks"));
    }
    let unsent = outbox::count(conn).await?;
    if unsent > 0 {
        left.push(format!("{unsent} outbox rows"));
    }
    let filter = NodeFilter { include_children: true, ..NodeFilter::default() };
    for node in nodes::list(conn, &filter, &Page::default()).await? {
        if let Some(host) = &node.reservation {
            left.push(format!("reservation: {} ({}) by {host}", node.uuid, node.state()));
        }
    }
    Ok(left)
}
