//! Watching an operation.

use super::read::BulkReading;
use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::outbox_pause;
use ferric_db::{Conn, DbError, operations};
use ferric_model::operation::{ItemState, OperationItem};
use futures::{Stream, stream};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How often is looked.
const PAUSE: Duration = Duration::from_secs(1);

/// How long one watches; who wants to know more watches again.
const LONGEST: Duration = Duration::from_secs(900);

/// How much the clocks of processes may differ.
const SKEW: time::Duration = time::Duration::seconds(10);

/// What is new about an operation.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkNews {
    /// The operation and how far its items are.
    pub reading: BulkReading,
    /// Items that have ended since the last news, the first to end first.
    pub ended: Vec<OperationItem>,
}

/// One who watches.
struct Watcher {
    control: Arc<Control>,
    context: RequestContext,
    uuid: Uuid,
    stop: CancellationToken,
    until: Instant,
    /// How the operation was at first, until it is told.
    first: Option<BulkReading>,
    /// The last news.
    last: Option<BulkReading>,
    /// Positions of the items that were told to have ended, and when the last of them did.
    told: BTreeSet<i64>,
    told_at: OffsetDateTime,
}

impl Control {
    /// What is new about an operation, first how it is: until it has ended, `stop` is told, or one has watched for a quarter
    /// of an hour.
    ///
    /// **Errors**: as [`Self::get_bulk`], also in between: the stream ends with it.
    pub async fn watch_bulk(
        self: Arc<Self>,
        context: RequestContext,
        uuid: Uuid,
        stop: CancellationToken,
    ) -> Result<impl Stream<Item = Result<BulkNews, ControlError>> + Send + use<>, ControlError> {
        let first = Some(self.get_bulk(&context, uuid).await?);
        let watcher = Watcher {
            control: self,
            context,
            uuid,
            stop,
            until: Instant::now() + LONGEST,
            first,
            last: None,
            told: BTreeSet::new(),
            told_at: OffsetDateTime::UNIX_EPOCH,
        };
        Ok(stream::unfold(Some(watcher), async |watcher| {
            let mut watcher = watcher?;
            match watcher.next().await {
                Ok(news) => news.map(|news| (Ok(news), Some(watcher))),
                Err(error) => Some((Err(error), None)),
            }
        }))
    }
}

impl Watcher {
    async fn next(&mut self) -> Result<Option<BulkNews>, ControlError> {
        loop {
            if let Some(last) = &self.last {
                if last.operation.state.is_final() {
                    return Ok(None);
                }
                let pause = outbox_pause(PAUSE);
                if Instant::now() + pause > self.until {
                    return Ok(None);
                }
                tokio::select! {
                    () = self.stop.cancelled() => return Ok(None),
                    () = tokio::time::sleep(pause) => {}
                }
            }
            let reading = match self.first.take() {
                Some(first) => first,
                None => self.control.get_bulk(&self.context, self.uuid).await?,
            };
            let known = |last: &BulkReading| {
                last.counts == reading.counts && last.operation.state == reading.operation.state
            };
            if self.last.as_ref().is_some_and(known) {
                continue;
            }
            let ended = self.news(&reading).await?;
            self.last = Some(reading.clone());
            return Ok(Some(BulkNews { reading, ended }));
        }
    }

    /// Items that have ended since the last news.
    async fn news(&mut self, reading: &BulkReading) -> Result<Vec<OperationItem>, ControlError> {
        let all = [ItemState::Succeeded, ItemState::Failed, ItemState::Skipped, ItemState::Canceled];
        let count: i64 = all.into_iter().map(|state| reading.counts.of(state)).sum();
        let mut ended = Vec::new();
        for since in [self.told_at - SKEW, OffsetDateTime::UNIX_EPOCH] {
            if i64::try_from(self.told.len()).is_ok_and(|told| told >= count) {
                break;
            }
            let uuid = self.uuid;
            let list = async |conn: &mut Conn| operations::list_ended_items(conn, uuid, since).await;
            let found: Result<Vec<OperationItem>, DbError> = self.control.store().read(list).await;
            ended.extend(found?.into_iter().filter(|item| self.told.insert(item.position)));
        }
        let last = ended.iter().filter_map(|item| item.finished_at).max();
        self.told_at = last.map_or(self.told_at, |last| last.max(self.told_at));
        Ok(ended)
    }
}
