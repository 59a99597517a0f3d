//! Watching nodes: what changes, from now on or from where one stopped.

use super::feed::{BATCH, Position, Told};
use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use ferric_model::node::{ChangeKind, NodeSheet, Projects};
use futures::{Stream, stream};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How long one watches at most, before rights are looked at anew: then one resumes.
const LONGEST: Duration = Duration::from_secs(3600);

/// What somebody who watches nodes is told.
#[derive(Debug, Clone)]
pub enum NodeNews {
    /// Everything before this revision is known; told at first, and when there is nothing else to tell.
    Bookmark(i64),
    /// A node that is seen was created, or came into sight, or was changed.
    Changed {
        /// Resume from here.
        revision: i64,
        /// `Created` or `Updated`.
        kind: ChangeKind,
        /// The node as it is now, which may be newer than the change.
        node: Arc<NodeSheet>,
    },
    /// A node was deleted, or left sight.
    Gone {
        /// Resume from here.
        revision: i64,
        /// The node.
        node_uuid: Uuid,
        /// Its last generation that was seen.
        generation: i64,
    },
    /// The stream ends here, because its reader is too slow, has watched for long, or the process stops: resume.
    Resume(i64),
}

/// Somebody who watches.
struct Watcher {
    control: Arc<Control>,
    /// Nodes of this project only.
    project: Option<String>,
    stop: CancellationToken,
    until: Instant,
    live: Receiver<Arc<Vec<Told>>>,
    /// What is read from the log before what is live: from behind this revision.
    replay: Option<i64>,
    /// How far the feed had come when this watcher began to listen.
    begun: Position,
    ready: VecDeque<NodeNews>,
    resume: i64,
}

impl Control {
    /// What changes about nodes that the caller sees: from now on, or everything behind the revision `since`. The first thing
    /// told without `since` is where one is: who lists nodes after that and then follows misses nothing.
    ///
    /// Everything is told at least once; a node's generation says whether it is news.
    ///
    /// The stream ends when `stop` is told, after an hour, or after `longest` if that is less.
    ///
    /// **Errors**: `Forbidden`; `Gone` when what follows `since` is not kept any more; `Timeout`.
    pub async fn watch_nodes(
        self: Arc<Self>,
        context: &RequestContext,
        since: Option<i64>,
        longest: Option<Duration>,
        stop: CancellationToken,
    ) -> Result<impl Stream<Item = Result<NodeNews, ControlError>> + Send + use<>, ControlError> {
        let project = self.node_scope(context, None)?;
        let (live, begun) = self.feed().subscribe().await?;
        if let Some(since) = since {
            self.check_kept(since).await?;
        }
        let mut watcher = Watcher {
            project,
            stop,
            until: Instant::now() + longest.unwrap_or(LONGEST).min(LONGEST),
            live,
            replay: since.filter(|since| *since < begun.newest),
            begun,
            ready: VecDeque::new(),
            resume: since.unwrap_or(begun.settled),
            control: self,
        };
        if since.is_none() {
            watcher.ready.push_back(NodeNews::Bookmark(begun.settled));
        }
        Ok(stream::unfold(Some(watcher), async |watcher| {
            let mut watcher = watcher?;
            match watcher.next().await {
                Ok(news @ NodeNews::Resume(_)) => Some((Ok(news), None)),
                Ok(news) => Some((Ok(news), Some(watcher))),
                Err(error) => Some((Err(error), None)),
            }
        }))
    }

    /// Whether everything behind a revision is still known.
    async fn check_kept(&self, since: i64) -> Result<(), ControlError> {
        let range = self.change_range().await?;
        let (oldest, newest) = range.unwrap_or((1, 0));
        if since + 1 < oldest || since > newest {
            return Err(ControlError::Gone(format!(
                "Changes since revision {since} are not known; list nodes and watch from then on."
            )));
        }
        Ok(())
    }
}

impl Watcher {
    async fn next(&mut self) -> Result<NodeNews, ControlError> {
        loop {
            if let Some(news) = self.ready.pop_front() {
                return Ok(news);
            }
            if self.stop.is_cancelled() || Instant::now() >= self.until {
                return Ok(NodeNews::Resume(self.resume));
            }
            if let Some(at) = self.replay {
                self.read_back(at).await?;
                continue;
            }
            let batch = tokio::select! {
                () = self.stop.cancelled() => continue,
                () = tokio::time::sleep_until(self.until) => continue,
                batch = self.live.recv() => batch,
            };
            match batch {
                Ok(batch) => self.take(&batch),
                Err(RecvError::Lagged(_) | RecvError::Closed) => return Ok(NodeNews::Resume(self.resume)),
            }
        }
    }

    /// Reads what lies between where the watcher stopped and what is live.
    async fn read_back(&mut self, at: i64) -> Result<(), ControlError> {
        let Position { settled, newest } = self.begun;
        let changes = self.control.read_changes(at, &[], BATCH).await?;
        let last = changes.last().map_or(newest, |change| change.revision);
        // Behind what is settled something may still appear.
        let told = self.control.with_nodes(changes, |change| change.revision.min(settled)).await?;
        self.take(&told);
        self.replay = (last < newest).then_some(last);
        if self.replay.is_none() {
            self.resume = self.resume.max(settled);
            self.ready.push_back(NodeNews::Bookmark(self.resume));
        }
        Ok(())
    }

    /// Takes what concerns this watcher.
    fn take(&mut self, batch: &[Told]) {
        let project = self.project.as_deref();
        for told in batch {
            self.resume = self.resume.max(told.resume);
            let revision = self.resume;
            let Some(kind) = told.change.kind_for(project) else { continue };
            let node_uuid = told.change.node_uuid;
            match (kind, &told.node) {
                (ChangeKind::Deleted, _) => {
                    let generation = told.change.generation;
                    self.ready.push_back(NodeNews::Gone { revision, node_uuid, generation });
                }
                // The node as it is now may be somebody else's; then the change that made it so is told as well.
                (_, Some(node)) if seen(node, project) => {
                    self.ready.push_back(NodeNews::Changed { revision, kind, node: Arc::clone(node) });
                }
                _ => {}
            }
        }
    }
}

fn seen(node: &NodeSheet, project: Option<&str>) -> bool {
    let projects = Projects { owner: node.key.owner.clone(), lessee: node.key.lessee.clone() };
    projects.are_seen_by(project)
}
