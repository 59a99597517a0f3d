//! Writes that are sent together, without waiting for each other's answers.
//!
//! A transaction that writes statement by statement waits for the server as often as it has statements, and most of what such a
//! statement costs is the waiting: two processes that fall asleep and are woken. PostgreSQL takes statements one behind the
//! other and answers in the same order; what is written here stands in one transaction, so that whoever finds a guard not met
//! gives all of it up.

use crate::conn::{Conn, Raw};
use crate::error::{Conflict, DbError};
use crate::history;
use crate::nodes::{NodeChanges, save_changed};
use crate::outbox::NewRow;
use crate::prepared::Prepared;
use crate::schema::{node_history::dsl as h, outbox::dsl as o, tasks::dsl as t};
use crate::tasks::{TaskChanges, TaskRow, save_fenced};
use crate::types::stored_json;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ferric_model::history::HistoryEntry;
use ferric_model::node::Node;
use ferric_model::outbox::OutboxMessage;
use ferric_model::task::{Fence, Task};
use futures::future::join_all;
use time::OffsetDateTime;

/// Most writes that are on their way at a time.
const AT_ONCE: usize = 24;

/// One write.
#[derive(Debug, Clone, Copy)]
pub enum Write<'a> {
    /// What differs of a node, as [`crate::nodes::save_changes`].
    Node {
        /// As it was read.
        before: &'a Node,
        /// As it is to be.
        after: &'a Node,
    },
    /// What the life of a task changes, as [`crate::tasks::save`]; without looking at its lease.
    Task(&'a Task, &'a Fence),
    /// A new task.
    NewTask(&'a Task),
    /// An entry for the history, as [`crate::history::append`]; one without a fingerprint.
    History(&'a HistoryEntry),
    /// A message for the bus.
    Message(&'a OutboxMessage),
}

/// What came of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is done.
    Done,
    /// Somebody else wrote first.
    Stale,
    /// The message has this number.
    Left(i64),
}

/// What is sent for a write.
enum Ready<'a> {
    Node { uuid: String, read: i64, changes: Box<NodeChanges> },
    Task { id: String, fence: &'a Fence, changes: TaskChanges },
    NewTask(Box<TaskRow>),
    History { row: Box<history::Row>, exchange: Option<String> },
    Message(NewRow<'a>),
}

impl<'a> Ready<'a> {
    fn new(write: Write<'a>, now: OffsetDateTime) -> Result<Self, DbError> {
        Ok(match write {
            Write::Node { before, after } => Self::Node {
                uuid: before.uuid.to_string(),
                read: before.generation,
                changes: Box::new(NodeChanges::between(before, after, now)?),
            },
            Write::Task(task, fence) => {
                Self::Task { id: task.id.to_string(), fence, changes: TaskChanges::new(task)? }
            }
            Write::NewTask(task) => Self::NewTask(Box::new(TaskRow::new(task)?)),
            Write::History(entry) => Self::History {
                row: Box::new(history::Row::new(entry)?),
                exchange: entry.exchange.as_ref().map(stored_json).transpose()?,
            },
            Write::Message(message) => Self::Message(NewRow::new(message, now)),
        })
    }
}

/// Sends one write over a connection to either back end.
macro_rules! send {
    ($c:expr, $ready:expr) => {
        match $ready {
            Ready::Node { uuid, read, changes } => {
                Prepared(save_changed!(uuid, *read, &**changes)).execute($c).await.map(guarded)
            }
            Ready::Task { id, fence, changes } => {
                Prepared(save_fenced!(id, fence).set(changes)).execute($c).await.map(guarded)
            }
            Ready::NewTask(row) => {
                diesel::insert_into(t::tasks).values(&**row).execute($c).await.map(guarded)
            }
            Ready::History { row, exchange } => diesel::insert_into(h::node_history)
                .values((&**row, h::exchange.eq(exchange)))
                .execute($c)
                .await
                .map(guarded),
            Ready::Message(row) => diesel::insert_into(o::outbox)
                .values(row)
                .returning(o::id)
                .get_result($c)
                .await
                .map(Written::Left),
        }
    };
}

/// A transaction that writes what belongs to several callers may meet one that writes some of the same rows in another order: the
/// renewal of leases, or readings of power states. PostgreSQL finds out after a second that they wait for each other; this one gives
/// way long before, and runs again.
const PG_GIVES_WAY: &str = "SET LOCAL lock_timeout = '100ms'";

/// Lets the transaction wait for locks a moment only. SQLite has no locks to wait for once a transaction has begun.
///
/// **Errors**: afterwards [`DbError::Busy`] from whatever waits longer.
pub async fn give_way(conn: &mut Conn) -> Result<(), DbError> {
    match conn.raw {
        Raw::Pg(_) => conn.batch(PG_GIVES_WAY).await,
        Raw::Sqlite(_) => Ok(()),
    }
}

fn guarded(rows: usize) -> Written {
    if rows == 1 { Written::Done } else { Written::Stale }
}

/// Carries out writes in one transaction, in this order; gives what came of each. Writes after one that is stale are carried
/// out nevertheless: the transaction is to be given up then.
///
/// **Errors**: the first of those of [`crate::nodes::save_changes`], [`crate::tasks::save`], [`crate::tasks::insert`].
pub async fn write_together(
    conn: &mut Conn,
    writes: &[Write<'_>],
    now: OffsetDateTime,
) -> Result<Vec<Written>, DbError> {
    let ready: Vec<Ready<'_>> =
        writes.iter().map(|write| Ready::new(*write, now)).collect::<Result<_, _>>()?;
    let mut outcomes: Vec<QueryResult<Written>> = Vec::with_capacity(ready.len());
    match &mut conn.raw {
        Raw::Pg(pg) => {
            let pg: &AsyncPgConnection = pg;
            for some in ready.chunks(AT_ONCE) {
                outcomes.extend(join_all(some.iter().map(|ready| send_over(pg, ready))).await);
            }
        }
        Raw::Sqlite(sqlite) => {
            for ready in &ready {
                let outcome = send!(sqlite, ready);
                let failed = outcome.is_err();
                outcomes.push(outcome);
                if failed {
                    break;
                }
            }
        }
    }
    let mut written = Vec::with_capacity(outcomes.len());
    for outcome in outcomes {
        written.push(outcome.map_err(|error| conn.failed(error).foreign_key_is(Conflict::ChassisGone))?);
    }
    Ok(written)
}

/// Whoever asks for several of these at once has them sent one behind the other.
async fn send_over(mut pg: &AsyncPgConnection, ready: &Ready<'_>) -> QueryResult<Written> {
    send!(&mut pg, ready)
}
