//! Calls whose caller waits for the hardware: the same walk as any task, with somebody waiting at its end.

use crate::actor::RequestContext;
use crate::begin::{begin_change, begin_task};
use crate::control::Control;
use crate::error::ControlError;
use crate::policy::Rule;
use ferric_db::{Conn, tasks};
use ferric_model::action::Action;
use ferric_model::report::Failure;
use ferric_model::task::{TaskState, params};
use serde_json::{Value, json};
use std::time::Duration;

impl Control {
    /// Reads the boot device of a node.
    ///
    /// **Errors**: as [`Self::call`].
    pub async fn get_boot_device(
        &self,
        context: &RequestContext,
        ident: &str,
    ) -> Result<Value, ControlError> {
        self.call(context, ident, Rule::NodeGetBootDevice, Action::GetBootDevice, Value::Null).await
    }

    /// Sets the boot device of a node.
    ///
    /// **Errors**: as [`Self::call`].
    pub async fn set_boot_device(
        &self,
        context: &RequestContext,
        ident: &str,
        device: &str,
        persistent: bool,
    ) -> Result<(), ControlError> {
        let params = json!(params::BootDevice { boot_device: device.to_owned(), persistent });
        self.call(context, ident, Rule::NodeSetBootDevice, Action::SetBootDevice, params).await.map(drop)
    }

    /// Carries out a synchronous action for those whom `rule` lets, and gives its result.
    ///
    /// **Errors**: `NotFound`, `Forbidden`; `NodeLocked`, `NoConductor`; `Hardware` when it failed; `Timeout` when it did not end in time.
    async fn call(
        &self,
        context: &RequestContext,
        ident: &str,
        rule: Rule,
        action: Action,
        params: Value,
    ) -> Result<Value, ControlError> {
        let conductors = self.live_conductors().await?;
        let mut waiter = None;
        let (_, task_id) = self
            .decide(ident, |mut node, _| {
                self.authorize_node(context, ident, &node, rule)?;
                let task = begin_task(self, &conductors, context, &mut node, action, params.clone())?;
                let task_id = task.id;
                waiter = Some(self.hub().wait_for(task_id));
                Ok((Some(begin_change(node, task)), task_id))
            })
            .await?;
        if let Some(waiter) = &waiter {
            let deadline = Duration::from_secs(self.settings().sync_call_secs);
            // Whether the bell rang or the time is over, the database knows how the task stands.
            drop(tokio::time::timeout(deadline, waiter.rung()).await);
        }
        let task = self.store().read(async |conn: &mut Conn| tasks::find(conn, task_id).await).await?;
        match task {
            Some(task) if task.state == TaskState::Succeeded => Ok(task.result.unwrap_or(Value::Null)),
            Some(task) if task.state == TaskState::Failed => Err(failure_of(task.result)),
            _ => Err(ControlError::Timeout(format!(
                "Timed out waiting for a reply to the {} of node {ident}.",
                action.as_str()
            ))),
        }
    }
}

fn failure_of(result: Option<Value>) -> ControlError {
    match result.map(serde_json::from_value::<Failure>) {
        Some(Ok(failure)) => ControlError::Hardware(Box::new(failure)),
        Some(Err(error)) => ControlError::internal(error),
        None => ControlError::internal("a failed task has no failure"),
    }
}
