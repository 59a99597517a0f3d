//! What must not remain when all work is done: unfinished tasks, leases, outbox rows, reservations.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Context;
use ferric_db::nodes::NodeFilter;
use ferric_db::{Conn, DatabaseConfig, DbError, Store, history, nodes, outbox, tasks};
use ferric_model::action::Action;
use ferric_model::page::Page;
use ferric_model::task::Task;
use time::OffsetDateTime;
use tokio_postgres::Client;
use uuid::Uuid;

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
    /// How often it was claimed.
    pub epoch: i64,
    /// How many conductors were lost over it.
    pub lost_leases: i32,
    /// Where it stands.
    pub state: String,
}

/// What an envelope says of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskName {
    /// Identity.
    pub id: String,
    /// Its node.
    pub node_uuid: String,
    /// Its action's word.
    pub action: String,
    /// Who is asked.
    pub conductor_group: String,
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

    /// How many tasks there were, whatever became of them.
    pub async fn count_tasks(&self) -> anyhow::Result<i64> {
        let Self::Postgres(client) = self else { anyhow::bail!("only PostgreSQL is asked for that") };
        Ok(client.query_one("SELECT count(*) FROM tasks WHERE action <> 'abort'", &[]).await?.get(0))
    }

    /// Tasks of any state, in no order: what an envelope may name once more.
    pub async fn some_tasks(&self, most: i64) -> anyhow::Result<Vec<TaskName>> {
        let Self::Postgres(client) = self else { anyhow::bail!("only PostgreSQL is asked for that") };
        let question = "SELECT id, node_uuid, action, conductor_group FROM tasks ORDER BY random() LIMIT $1";
        let rows = client.query(question, &[&most]).await?;
        let name = |row: &tokio_postgres::Row| TaskName {
            id: row.get(0),
            node_uuid: row.get(1),
            action: row.get(2),
            conductor_group: row.get(3),
        };
        Ok(rows.iter().map(name).collect())
    }

    /// Flows that have ended well and whose nodes were not told so, once.
    pub async fn miscounted_ends(&self) -> anyhow::Result<Vec<String>> {
        let Self::Postgres(client) = self else { anyhow::bail!("only PostgreSQL is asked for that") };
        let question = "SELECT action || ' ' || id || ' of ' || node_uuid || ': ' || told FROM (\
                        SELECT tasks.*, (SELECT count(*) FROM node_history WHERE node_history.node_uuid = tasks.node_uuid \
                        AND severity = 'INFO' AND event LIKE 'The node was %; it is now %' \
                        AND details LIKE '%' || tasks.id || '%') AS told FROM tasks \
                        WHERE state = 'succeeded' AND action IN ('deploy', 'tear_down')) AS ended WHERE told <> 1";
        let rows = client.query(question, &[]).await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// Tasks that have failed without a word in their node's history.
    pub async fn untold_failures(&self) -> anyhow::Result<Vec<String>> {
        let Self::Postgres(client) = self else { anyhow::bail!("only PostgreSQL is asked for that") };
        let question = "SELECT action || ' ' || id || ' of ' || node_uuid FROM tasks WHERE state = 'failed' AND NOT EXISTS (\
                        SELECT FROM node_history WHERE node_history.node_uuid = tasks.node_uuid \
                        AND severity = 'ERROR' AND details LIKE '%' || tasks.id || '%')";
        let rows = client.query(question, &[]).await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// The conductors that work on something at this moment.
    pub async fn holders_of_leases(&self) -> anyhow::Result<Vec<String>> {
        match self {
            Self::Postgres(client) => {
                let question = "SELECT DISTINCT claimed_by FROM tasks WHERE state = 'running' AND claimed_by IS NOT NULL";
                let rows = client.query(question, &[]).await?;
                Ok(rows.iter().map(|row| row.get(0)).collect())
            }
            Self::Sqlite(store) => {
                // Of all leases it is asked which will be over some day.
                let some_day = OffsetDateTime::now_utc() + time::Duration::days(1);
                let running: Result<_, DbError> = store
                    .read(async |conn: &mut Conn| tasks::list_expired_leases(conn, some_day, 1000).await)
                    .await;
                let holders: BTreeSet<String> =
                    running?.into_iter().filter_map(|task| task.claimed_by).collect();
                Ok(holders.into_iter().collect())
            }
        }
    }

    /// The tasks of one action on a node, ended ones included.
    pub async fn tasks(&self, node_uuid: &str, action: Action) -> anyhow::Result<Vec<TaskRow>> {
        match self {
            Self::Postgres(client) => {
                let question =
                    "SELECT epoch, lost_leases, state FROM tasks WHERE node_uuid = $1 AND action = $2";
                let rows = client.query(question, &[&node_uuid, &action.as_str()]).await?;
                Ok(rows
                    .iter()
                    .map(|row| TaskRow { epoch: row.get(0), lost_leases: row.get(1), state: row.get(2) })
                    .collect())
            }
            Self::Sqlite(store) => {
                let node = node_uuid.parse()?;
                let found: Result<Vec<Task>, DbError> =
                    store.read(async |conn: &mut Conn| tasks_in_history(conn, node).await).await;
                Ok(found?.into_iter().filter(|task| task.action == action).map(TaskRow::from).collect())
            }
        }
    }
}

impl From<Task> for TaskRow {
    fn from(task: Task) -> Self {
        Self { epoch: task.epoch, lost_leases: task.lost_leases, state: task.state.as_str().to_owned() }
    }
}

/// The tasks that a node's history names.
async fn tasks_in_history(conn: &mut Conn, node: Uuid) -> Result<Vec<Task>, DbError> {
    let (entries, _) = history::list(conn, &node.into(), &Page::default()).await?;
    let ids: BTreeSet<Uuid> = entries.into_iter().filter_map(|entry| entry.details.task).collect();
    let mut found = Vec::new();
    for id in ids {
        found.extend(tasks::find(conn, id).await?);
    }
    Ok(found)
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
