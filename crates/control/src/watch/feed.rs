//! Following the changes of nodes, once for everybody in this process who watches.
//!
//! However many watch, a change costs the database two statements for each process: one that reads what changed and one that
//! reads the nodes. Where nobody watches, nothing is read.

use super::tail::Tail;
use crate::control::Control;
use crate::error::ControlError;
use crate::outbox_pause;
use ferric_db::nodes::{self, NodeFilter};
use ferric_db::{Conn, DbError, node_changes};
use ferric_model::node::{NodeChange, NodeColumns, NodeSheet};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, broadcast, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Changes that are read and told together.
pub(super) const BATCH: i64 = 100;

/// Batches that a slow watcher may be behind before it has to resume.
const BEHIND: usize = 64;

/// How often is looked when nobody says that there is something: other processes may do so too late, or not at all.
const LOOK: Duration = Duration::from_secs(1);

/// How far before the newest change a feed begins: what is numbered before may still become visible.
const LOOK_BACK: i64 = 256;

/// What is told of one change.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub change: NodeChange,
    /// The node as it is now; none if it is gone.
    pub node: Option<Arc<NodeSheet>>,
    /// Whoever has heard this resumes from here.
    pub resume: i64,
}

/// How far the feed has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    /// From here one resumes without missing anything.
    pub settled: i64,
    /// The newest change that was told.
    pub newest: i64,
}

/// The changes of nodes on their way to those who watch.
#[derive(Debug)]
pub(crate) struct Feed {
    batches: broadcast::Sender<Arc<Vec<Told>>>,
    /// Where the feed is; none while nobody watches.
    position: watch::Sender<Option<Position>>,
    /// Rung when there may be something, and when somebody begins to watch.
    bell: Notify,
    /// Rung when other processes should look.
    others: Notify,
}

impl Default for Feed {
    fn default() -> Self {
        Self {
            batches: broadcast::Sender::new(BEHIND),
            position: watch::Sender::new(None),
            bell: Notify::new(),
            others: Notify::new(),
        }
    }
}

impl Feed {
    /// This process has written nodes.
    pub(crate) fn ring(&self) {
        self.bell.notify_one();
        self.others.notify_one();
    }

    /// Another process has.
    pub(super) fn look(&self) {
        self.bell.notify_one();
    }

    /// Waits until this process has written nodes.
    pub(super) async fn written(&self) {
        self.others.notified().await;
    }

    /// Listens; also gives how far the feed has come: what is newer is heard.
    ///
    /// **Errors**: `Timeout` when the feed does not come up.
    pub(super) async fn subscribe(
        &self,
    ) -> Result<(broadcast::Receiver<Arc<Vec<Told>>>, Position), ControlError> {
        const PATIENCE: Duration = Duration::from_secs(10);
        let receiver = self.batches.subscribe();
        let mut position = self.position.subscribe();
        self.bell.notify_one();
        let up = tokio::time::timeout(PATIENCE, position.wait_for(Option::is_some)).await;
        let slow = || ControlError::Timeout("Changes cannot be watched now, please retry.".to_owned());
        let from = up.map_err(|_| slow())?.map_err(|_| slow())?.ok_or_else(slow)?;
        Ok((receiver, from))
    }
}

impl Control {
    /// Follows the changes of nodes until told to stop.
    pub(super) async fn run_feed(&self, stop: CancellationToken) {
        let mut tail = None;
        let mut more = false;
        loop {
            if self.feed().batches.receiver_count() == 0 {
                tail = None;
                self.feed().position.send_replace(None);
            }
            let idle = tail.is_none() && self.feed().batches.receiver_count() == 0;
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.feed().bell.notified() => {}
                () = tokio::time::sleep(outbox_pause(LOOK)), if !idle && !more => {}
                () = std::future::ready(()), if more => {}
            }
            if self.feed().batches.receiver_count() == 0 {
                continue;
            }
            match self.follow(&mut tail).await {
                Ok(full) => more = full,
                Err(error) => {
                    more = false;
                    tracing::warn!(%error, cause = ?std::error::Error::source(&error), "changes of nodes cannot be followed now");
                }
            }
        }
    }

    /// Tells what is new; true if there may be more.
    async fn follow(&self, tail: &mut Option<Tail>) -> Result<bool, ControlError> {
        let followed = match tail {
            Some(followed) => followed,
            None => tail.insert(self.begin_feed().await?),
        };
        let (settled, late) = (followed.settled(), followed.late());
        // What was told beyond the settled ones is read again until they are.
        let limit = BATCH + i64::try_from(followed.told_beyond()).unwrap_or(i64::MAX / 2);
        let read = self.read_changes(settled, &late, limit).await?;
        let full = i64::try_from(read.len()).is_ok_and(|count| count >= limit);
        let news = followed.take(read, Instant::now());
        let at = Position { settled: followed.settled(), newest: followed.newest() };
        let told = match news.is_empty() {
            true => Vec::new(),
            false => self.with_nodes(news, |_| at.settled).await?,
        };
        // First the position: whoever begins to listen in between hears of the batch or reads it back.
        self.feed().position.send_replace(Some(at));
        if !told.is_empty() {
            // Nobody who listens is no mistake.
            self.feed().batches.send(Arc::new(told)).ok();
        }
        Ok(full)
    }

    async fn begin_feed(&self) -> Result<Tail, ControlError> {
        let (oldest, newest) = self.change_range().await?.unwrap_or((1, 0));
        let settled = (newest - LOOK_BACK).max(oldest - 1);
        let before = self.read_changes(settled, &[], LOOK_BACK * 4).await?;
        Ok(Tail::new(settled, before.iter().map(|change| change.revision), Instant::now()))
    }

    /// The revisions of the oldest and the newest change that is kept.
    pub(super) async fn change_range(&self) -> Result<Option<(i64, i64)>, ControlError> {
        let range = async |conn: &mut Conn| node_changes::range(conn).await;
        Ok(self.store().read(range).await?)
    }

    pub(super) async fn read_changes(
        &self,
        after: i64,
        also: &[i64],
        limit: i64,
    ) -> Result<Vec<NodeChange>, ControlError> {
        let list = async |conn: &mut Conn| node_changes::list_after(conn, after, also, limit).await;
        Ok(self.store().read(list).await?)
    }

    /// The changes with the nodes as they are now.
    pub(super) async fn with_nodes(
        &self,
        changes: Vec<NodeChange>,
        resume: impl Fn(&NodeChange) -> i64,
    ) -> Result<Vec<Told>, ControlError> {
        let mut uuids: Vec<Uuid> = changes.iter().map(|change| change.node_uuid).collect();
        uuids.sort_unstable();
        uuids.dedup();
        let filter = NodeFilter { uuids: Some(uuids), include_children: true, ..NodeFilter::default() };
        let find = async |conn: &mut Conn| nodes::find_sheets(conn, &filter, NodeColumns::ALL).await;
        let sheets: Result<Vec<NodeSheet>, DbError> = self.store().read(find).await;
        let nodes: HashMap<Uuid, Arc<NodeSheet>> =
            sheets?.into_iter().map(|sheet| (sheet.key.uuid, Arc::new(sheet))).collect();
        let told = |change: NodeChange| Told {
            node: nodes.get(&change.node_uuid).cloned(),
            resume: resume(&change),
            change,
        };
        Ok(changes.into_iter().map(told).collect())
    }
}
