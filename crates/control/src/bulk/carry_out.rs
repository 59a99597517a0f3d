//! Carrying out items: each by the use case that serves a request for its node alone, with the rights of the caller.

use super::read::Caller;
use super::work::{Provisioning, Work};
use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::policy::Rule;
use crate::provision::ProvisionRequest;
use crate::request_reads::in_request;
use ferric_db::{Conn, DbError, operations};
use ferric_model::operation::{ItemFailure, OperationItem};
use futures::{FutureExt, StreamExt, stream};
use time::Duration;

/// Use cases that run at once in one process.
const AT_ONCE: usize = 8;

/// How long an item waits that could not be begun for a reason that passes.
const PAUSE: Duration = Duration::seconds(5);

/// How often such an item is tried again before it fails.
const ATTEMPTS: i64 = 12;

/// What all items of an operation need.
pub(super) struct Order {
    /// What is done.
    pub work: Work,
    /// Whose rights it needs.
    pub caller: Caller,
}

impl Control {
    /// Carries out items that were not begun; gives how many are not pending any more.
    ///
    /// **Errors**: when the database does not serve; the items that were not begun stay as they are.
    pub(super) async fn carry_out(
        &self,
        order: &Order,
        items: Vec<OperationItem>,
    ) -> Result<usize, ControlError> {
        if matches!(order.work, Work::Create) {
            return self.create_items(order, items).await;
        }
        let mut outcomes =
            stream::iter(items).map(|item| self.carry_out_one(order, item).boxed()).buffer_unordered(AT_ONCE);
        let mut settled = 0;
        while let Some(outcome) = outcomes.next().await {
            settled += usize::from(outcome?);
        }
        Ok(settled)
    }

    /// Carries one item out; gives whether it is not pending any more.
    async fn carry_out_one(&self, order: &Order, item: OperationItem) -> Result<bool, ControlError> {
        let context = order.caller.context(item.id);
        match in_request(self.act(&context, &order.work, &item).boxed()).await {
            Ok(()) => Ok(true),
            Err(error) => self.refuse(&item, error).await,
        }
    }

    /// The use case of an item. It marks the item in the transaction in which it changes the node.
    async fn act(
        &self,
        context: &RequestContext,
        work: &Work,
        item: &OperationItem,
    ) -> Result<(), ControlError> {
        let ident = &item.subject;
        match work {
            Work::Create => self.create_item(context, item).await,
            Work::Patch(update) => self.update_node(context, ident, update).await.map(drop),
            Work::Provision(provisioning) => {
                let request = self.request_for(context, ident, provisioning).await?;
                self.provision(context, ident, &request).await
            }
            Work::Power { target, timeout_secs } => {
                self.set_power(context, ident, *target, *timeout_secs).await
            }
        }
    }

    /// What one node is asked for: with the steps of the runbook, if there is one and it may run on the node.
    async fn request_for(
        &self,
        context: &RequestContext,
        ident: &str,
        provisioning: &Provisioning,
    ) -> Result<ProvisionRequest, ControlError> {
        let request = provisioning.request.clone();
        let Some(name) = &provisioning.runbook else { return Ok(request) };
        let node = self.node_for(context, ident, Rule::NodeSetProvisionState).await?;
        let runbook = self.runbook_for(context, name, &node, false).await?;
        let clean_steps = Some(runbook.ordered_steps());
        Ok(ProvisionRequest { clean_steps, disable_ramdisk: runbook.disable_ramdisk, ..request })
    }

    /// What becomes of an item that could not be begun: it is tried again later, or fails. Gives whether it failed.
    ///
    /// **Errors**: the one that was given, when the database does not serve: the item has nothing to do with it.
    pub(super) async fn refuse(
        &self,
        item: &OperationItem,
        error: ControlError,
    ) -> Result<bool, ControlError> {
        if let ControlError::Database(DbError::Unreachable { .. } | DbError::Timeout { .. } | DbError::Busy) =
            error
        {
            return Err(error);
        }
        let (id, now) = (item.id, self.now());
        if error.retryable() && item.attempts < ATTEMPTS {
            let retry_at = now + PAUSE;
            self.store()
                .write("defer_item", async |conn: &mut Conn| operations::defer_item(conn, id, retry_at).await)
                .await
                .map_err(ControlError::Database)?;
            return Ok(false);
        }
        if let ControlError::Internal(inside) = &error {
            tracing::error!(item = id, %inside, "an item of an operation failed");
        }
        let failure = ItemFailure { kind: error.kind().to_owned(), text: error.to_string() };
        self.store()
            .write("fail_item", async |conn: &mut Conn| {
                operations::end_item(conn, id, Some(&failure), now).await
            })
            .await
            .map_err(ControlError::Database)?;
        Ok(true)
    }
}
