//! Single operations on a node, beside all flows: accepted at once, or waited for.
//!
//! Both are the same walk as any task; a caller that waits stands at its end.

use crate::actor::RequestContext;
use crate::begin::{begin_change, begin_task};
use crate::control::Control;
use crate::error::ControlError;
use crate::report::{BAD_REQUEST_CODES, CONFLICT_CODES, clear_failure};
use ferric_db::{Conn, tasks};
use ferric_model::action::Action;
use ferric_model::hardware::{InterfaceKind, validate_interface};
use ferric_model::node::Node;
use ferric_model::report::Failure;
use ferric_model::task::TaskState;
use serde_json::Value;
use std::time::Duration;

impl Control {
    /// Carries out a synchronous action and gives its result.
    ///
    /// **Errors**: `NodeLocked`, `NoConductor`; `Invalid` when the hardware cannot do what was asked, `Hardware` when it
    /// failed; `Timeout` when it did not end in time.
    pub(crate) async fn call(
        &self,
        context: &RequestContext,
        node: &Node,
        action: Action,
        params: Value,
    ) -> Result<Value, ControlError> {
        let conductors = self.live_conductors().await?;
        let mut waiter = None;
        let (_, task_id) = self
            .decide(&node.uuid.to_string(), |mut node, _| {
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
                "Timed out waiting for a reply to the {} of node {}.",
                action.as_str(),
                node.uuid
            ))),
        }
    }

    /// Accepts an asynchronous action if `check` lets the node pass as it is now.
    ///
    /// **Errors**: what `check` says; `NodeLocked`, `NoConductor`.
    pub(crate) async fn begin_operation(
        &self,
        context: &RequestContext,
        node: &Node,
        action: Action,
        params: Value,
        check: impl Fn(&Node) -> Result<(), ControlError>,
    ) -> Result<(), ControlError> {
        let conductors = self.live_conductors().await?;
        self.decide(&node.uuid.to_string(), |mut node, _| {
            check(&node)?;
            let task = begin_task(self, &conductors, context, &mut node, action, params.clone())?;
            if action.answers_for_last_error() {
                clear_failure(&mut node);
            }
            Ok((Some(begin_change(node, task)), ()))
        })
        .await?;
        Ok(())
    }
}

/// Refuses when the interface of this kind lacks what it needs.
pub(crate) fn check_interface(node: &Node, kind: InterfaceKind) -> Result<(), ControlError> {
    validate_interface(node, &[], kind).map_err(ControlError::Invalid)
}

/// Why what somebody waited for has failed.
pub(crate) fn failure_of(result: Option<Value>) -> ControlError {
    match result.map(serde_json::from_value::<Failure>) {
        Some(Ok(failure)) if BAD_REQUEST_CODES.contains(&failure.code.as_str()) => {
            ControlError::Invalid(failure.summary)
        }
        Some(Ok(failure)) if CONFLICT_CODES.contains(&failure.code.as_str()) => {
            ControlError::Conflict(failure.summary)
        }
        Some(Ok(failure)) => ControlError::Hardware(Box::new(failure)),
        Some(Err(error)) => ControlError::internal(error),
        None => ControlError::internal("a failed task has no failure"),
    }
}
