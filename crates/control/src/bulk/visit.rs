//! A visit to an operation: as much as can be done now, by one process at a time.

use super::carry_out::Order;
use super::read::Caller;
use super::work::Work;
use crate::control::Control;
use crate::error::ControlError;
use ferric_db::{Conn, DbError, operations};
use ferric_model::operation::{ItemCounts, ItemState, Operation, OperationItem, OperationState};
use futures::FutureExt;
use serde_json::json;
use time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Most items that are carried out before the operation is looked at again.
const BATCH: i64 = 100;

/// What a visit found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Visited {
    /// Another process is there.
    Busy,
    /// Nothing is left to be begun now, or at all.
    Done,
}

/// How a visit that held the lease went.
enum Outcome {
    /// The operation has ended, or another process has its lease.
    Over,
    /// It waits for its tasks, or for time to pass.
    Waits,
}

impl Control {
    /// Visits an operation if no other process does.
    pub(super) async fn visit_bulk(
        &self,
        uuid: Uuid,
        stop: &CancellationToken,
    ) -> Result<Visited, ControlError> {
        let find = async |conn: &mut Conn| operations::find(conn, uuid).await;
        let found: Result<Option<Operation>, DbError> = self.store().read(find).await;
        let Some(operation) = found?.filter(|operation| !operation.state.is_final()) else {
            return Ok(Visited::Done);
        };
        let now = self.now();
        if operation.lease_expires_at.is_some_and(|end| end > now) {
            return Ok(Visited::Busy);
        }
        let end = self.lease_end(now);
        let claimed = self
            .store()
            .write("claim_bulk", async |conn: &mut Conn| operations::claim(conn, &operation, end).await)
            .await
            .map_err(ControlError::Database)?;
        if !claimed {
            return Ok(Visited::Busy);
        }
        let ours = Operation { generation: operation.generation + 1, ..operation };
        let outcome = self.drive(&ours, stop).boxed().await;
        if !matches!(outcome, Ok(Outcome::Over)) {
            self.store()
                .write("release_bulk", async |conn: &mut Conn| {
                    operations::release(conn, uuid, ours.generation).await
                })
                .await
                .map_err(ControlError::Database)?;
        }
        outcome.map(|_| Visited::Done)
    }

    async fn drive(&self, operation: &Operation, stop: &CancellationToken) -> Result<Outcome, ControlError> {
        let caller: Caller =
            serde_json::from_value(operation.actor.clone()).map_err(ControlError::internal)?;
        let order = Order { work: Work::read(operation.kind, &operation.params)?, caller };
        let renewal = Duration::seconds(i64::from(self.settings().renew_secs));
        let mut renew_at = self.now() + renewal;
        self.end_lost_items(operation.uuid).await?;
        loop {
            if self.now() >= renew_at {
                if !self.renew_bulk(operation).await? {
                    return Ok(Outcome::Over);
                }
                renew_at = self.now() + renewal;
            }
            let counts = self.count_bulk_items(&[operation.uuid]).await?;
            let counts = counts.get(&operation.uuid).copied().unwrap_or_default();
            if counts.of(ItemState::Pending) > 0 && is_spent(operation, &counts) {
                self.skip_rest(operation.uuid).await?;
                continue;
            }
            if counts.unfinished() == 0 {
                if self.finish_bulk(operation, &counts).await? {
                    return Ok(Outcome::Over);
                }
                continue;
            }
            let room = self.room(operation, &order, &counts).await?;
            if room <= 0 || stop.is_cancelled() {
                return Ok(Outcome::Waits);
            }
            let items = self.pending_items(operation.uuid, room).await?;
            if items.is_empty() || self.carry_out(&order, items).await? == 0 {
                return Ok(Outcome::Waits);
            }
        }
    }

    async fn renew_bulk(&self, operation: &Operation) -> Result<bool, ControlError> {
        let (uuid, generation, end) = (operation.uuid, operation.generation, self.lease_end(self.now()));
        let renew = async |conn: &mut Conn| operations::renew(conn, uuid, generation, end).await;
        self.store().write("renew_bulk", renew).await.map_err(ControlError::Database)
    }

    /// How many items may be begun now.
    async fn room(
        &self,
        operation: &Operation,
        order: &Order,
        counts: &ItemCounts,
    ) -> Result<i64, ControlError> {
        let room = (operation.max_parallel - counts.of(ItemState::Running)).min(BATCH);
        if counts.of(ItemState::Pending) == 0 || room <= 0 {
            return Ok(0);
        }
        let Work::Provision(provisioning) = &order.work else { return Ok(room) };
        let left = self.capacity_left(provisioning.request.verb).await?;
        Ok(left.map_or(room, |left| room.min(left)))
    }

    async fn pending_items(&self, uuid: Uuid, limit: i64) -> Result<Vec<OperationItem>, DbError> {
        let now = self.now();
        let list = async |conn: &mut Conn| operations::list_pending_items(conn, uuid, now, limit).await;
        self.store().read(list).await
    }

    /// Gives up what was not begun.
    async fn skip_rest(&self, uuid: Uuid) -> Result<(), ControlError> {
        let now = self.now();
        self.store()
            .write("skip_items", async |conn: &mut Conn| {
                operations::close_pending(conn, uuid, ItemState::Skipped, now).await
            })
            .await
            .map_err(ControlError::Database)?;
        Ok(())
    }

    /// Ends an operation whose items have ended; false if it was changed in between.
    async fn finish_bulk(&self, operation: &Operation, counts: &ItemCounts) -> Result<bool, ControlError> {
        let (uuid, now) = (operation.uuid, self.now());
        // What it was is told to readers; how exactly may be secret and is needed no more.
        let params = json!({"target": operation.params["target"]});
        let all_succeeded = counts.of(ItemState::Succeeded) == operation.total;
        self.store()
            .write("finish_bulk", async |conn: &mut Conn| {
                let Some(present) = operations::find(conn, uuid).await? else { return Ok(true) };
                let state = match present.state {
                    ended if ended.is_final() => return Ok(true),
                    _ if all_succeeded => OperationState::Succeeded,
                    OperationState::Canceling => OperationState::Canceled,
                    _ => OperationState::Failed,
                };
                operations::finish(conn, uuid, (present.state, state), &params, now).await
            })
            .await
            .map_err(ControlError::Database)
    }
}

/// Whether more items have failed than may.
fn is_spent(operation: &Operation, counts: &ItemCounts) -> bool {
    operation.failure_budget.is_some_and(|budget| counts.of(ItemState::Failed) > budget)
}
