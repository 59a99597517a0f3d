//! Reading operations and their items, and canceling operations.

use crate::actor::{Actor, RequestContext};
use crate::control::Control;
use crate::error::ControlError;
use crate::paging::unsortable;
use crate::policy::{Rule, Target};
use ferric_db::{Conn, DbError, operations};
use ferric_model::operation::{ItemCounts, ItemState, Operation, OperationItem, OperationState};
use ferric_model::page::Page;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An operation and how far its items are.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkReading {
    /// The operation.
    pub operation: Operation,
    /// Its items by state.
    pub counts: ItemCounts,
}

/// Which items of an operation are asked for.
#[derive(Debug, Clone, Default)]
pub struct BulkItems {
    /// In this state.
    pub state: Option<ItemState>,
    /// Behind this position.
    pub after: Option<i64>,
    /// At most this many.
    pub limit: i64,
}

/// Who asked for an operation: the rights that its items have, and the request that its traces are found by.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Caller {
    pub actor: Actor,
    pub request_id: String,
}

impl Caller {
    /// The context in which the caller's item is carried out.
    pub(crate) fn context(&self, item: i64) -> RequestContext {
        let context = RequestContext::new(self.actor.clone(), self.request_id.clone());
        RequestContext { operation_item: Some(item), ..context }
    }
}

impl Control {
    /// Reads an operation.
    ///
    /// **Errors**: `NotFound`, also when the caller may not know of it; `Forbidden`.
    pub async fn get_bulk(&self, context: &RequestContext, uuid: Uuid) -> Result<BulkReading, ControlError> {
        let operation = self.bulk_for(context, uuid, Rule::BulkGet).await?;
        let counts = self.count_bulk_items(&[operation.uuid]).await?;
        Ok(reading(operation, &counts))
    }

    /// Lists one page of operations; callers who act for a project see its own.
    ///
    /// **Errors**: `Forbidden`; `NotFound` when the marker is gone; `Invalid` for a key that operations cannot be sorted by.
    pub async fn list_bulk(
        &self,
        context: &RequestContext,
        page: &Page,
    ) -> Result<Vec<BulkReading>, ControlError> {
        let scope = self.scope(context, Rule::BulkListAll, Rule::BulkList)?;
        let (found, gone) = self
            .store()
            .read(async |conn: &mut Conn| {
                let found = operations::list(conn, scope.project(), page).await?;
                let gone = match &page.marker {
                    Some(marker) if found.is_empty() => !operations::marker_exists(conn, marker).await?,
                    _ => false,
                };
                Ok::<_, DbError>((found, gone))
            })
            .await
            .map_err(unsortable)?;
        if let Some(marker) = page.marker.as_ref().filter(|_| gone) {
            return Err(not_found(marker));
        }
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let uuids: Vec<Uuid> = found.iter().map(|operation| operation.uuid).collect();
        let counts = self.count_bulk_items(&uuids).await?;
        Ok(found.into_iter().map(|operation| reading(operation, &counts)).collect())
    }

    /// Lists items of an operation in their order.
    ///
    /// **Errors**: as [`Self::get_bulk`].
    pub async fn list_bulk_items(
        &self,
        context: &RequestContext,
        uuid: Uuid,
        asked: &BulkItems,
    ) -> Result<Vec<OperationItem>, ControlError> {
        let operation = self.bulk_for(context, uuid, Rule::BulkGet).await?.uuid;
        let list = async |conn: &mut Conn| {
            operations::list_items(conn, operation, asked.state, asked.after, asked.limit).await
        };
        Ok(self.store().read(list).await?)
    }

    /// Cancels what an operation has not begun; what it has begun goes on.
    ///
    /// **Errors**: as [`Self::get_bulk`]; `Conflict` when it has ended.
    pub async fn cancel_bulk(
        &self,
        context: &RequestContext,
        uuid: Uuid,
    ) -> Result<BulkReading, ControlError> {
        let operation = self.bulk_for(context, uuid, Rule::BulkCancel).await?;
        let now = self.now();
        let counts = self
            .store()
            .write("cancel_bulk", async |conn: &mut Conn| {
                if !operations::cancel(conn, uuid).await? {
                    return Ok(None);
                }
                operations::close_pending(conn, uuid, ItemState::Canceled, now).await?;
                operations::count_items(conn, &[uuid]).await.map(Some)
            })
            .await
            .map_err(ControlError::Database)?;
        let Some(counts) = counts else {
            return Err(ControlError::Conflict(format!("Operation {uuid} has ended.")));
        };
        self.bulk_bell().ring(&[uuid]);
        let canceling = Operation { state: OperationState::Canceling, ..operation };
        Ok(reading(canceling, &counts))
    }

    /// How many items of each operation are in each state.
    pub(super) async fn count_bulk_items(&self, uuids: &[Uuid]) -> Result<Counts, DbError> {
        self.store().read(async |conn: &mut Conn| operations::count_items(conn, uuids).await).await
    }

    /// The operation, if the caller may know of it and do `rule`.
    async fn bulk_for(
        &self,
        context: &RequestContext,
        uuid: Uuid,
        rule: Rule,
    ) -> Result<Operation, ControlError> {
        let find = async |conn: &mut Conn| operations::find(conn, uuid).await;
        let found: Result<_, DbError> = self.store().read(find).await;
        let operation = found?.ok_or_else(|| not_found(&uuid.to_string()))?;
        let target = Target::operation(&operation.owner);
        if !self.allows(context, Rule::BulkGet, target) {
            return Err(not_found(&uuid.to_string()));
        }
        self.authorize(context, rule, target)?;
        Ok(operation)
    }
}

/// Items of operations by state.
pub(super) type Counts = std::collections::HashMap<Uuid, ItemCounts>;

fn reading(operation: Operation, counts: &Counts) -> BulkReading {
    let counts = counts.get(&operation.uuid).copied().unwrap_or_default();
    BulkReading { operation, counts }
}

fn not_found(ident: &str) -> ControlError {
    ControlError::NotFound(format!("Operation {ident} could not be found."))
}
