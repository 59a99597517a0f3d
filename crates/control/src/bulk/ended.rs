//! The end of an item with its task.

use super::read::Caller;
use crate::control::Control;
use crate::error::ControlError;
use crate::policy::{Rule, Target};
use ferric_db::{Conn, DbError, nodes, operations, tasks};
use ferric_model::node::Node;
use ferric_model::operation::{ItemFailure, OperationItem};
use ferric_model::report::Failure;
use ferric_model::task::{Task, TaskState};
use time::OffsetDateTime;
use uuid::Uuid;

/// What those are told who may not see why work on a node failed.
const CONCEALED: &str = "The work on the node failed. Who may baremetal:node:get:last_error can see why.";

impl Control {
    /// Inside the transaction that writes a task: if the task has ended, ends the item whose work it was. Returns the operation
    /// that goes on now.
    pub(crate) async fn end_item_of(
        &self,
        conn: &mut Conn,
        task: &Task,
        node: &Node,
        now: OffsetDateTime,
    ) -> Result<Option<Uuid>, DbError> {
        let Some(item) = task.operation_item.filter(|_| task.state.is_final()) else { return Ok(None) };
        let mut failure = failure_of(task);
        if let Some(failure) = &mut failure
            && !self.shows_failures(conn, item, node).await?
        {
            failure.text = CONCEALED.to_owned();
        }
        operations::end_running_item(conn, item, failure.as_ref(), now).await
    }

    /// Whether the item's caller may see why work on the node failed.
    async fn shows_failures(&self, conn: &mut Conn, item: i64, node: &Node) -> Result<bool, DbError> {
        let actor = operations::find_actor(conn, item).await?;
        let caller = actor.and_then(|actor| serde_json::from_value::<Caller>(actor).ok());
        let may =
            |caller: Caller| self.allows(&caller.context(item), Rule::NodeGetLastError, Target::node(node));
        Ok(caller.is_some_and(may))
    }

    /// Ends items whose task was ended by a process that knew nothing of items, as an older version does.
    pub(super) async fn end_lost_items(&self, operation: Uuid) -> Result<(), ControlError> {
        let list = async |conn: &mut Conn| operations::list_lost_items(conn, operation).await;
        let lost: Result<Vec<OperationItem>, DbError> = self.store().read(list).await;
        let now = self.now();
        for item in lost? {
            let (id, task_id) = (item.id, item.task_id);
            self.store()
                .write("end_lost_item", async |conn: &mut Conn| {
                    let task = match task_id {
                        Some(task_id) => tasks::find(conn, task_id).await?,
                        None => None,
                    };
                    let node = match &task {
                        Some(task) => nodes::find(conn, &task.node_uuid.into()).await?,
                        None => None,
                    };
                    match (task, node) {
                        (Some(task), Some(node)) => {
                            self.end_item_of(conn, &task, &node, now).await?;
                        }
                        _ => {
                            let failure = given_up("The node or its task is gone.");
                            operations::end_running_item(conn, id, Some(&failure), now).await?;
                        }
                    }
                    Ok::<_, DbError>(())
                })
                .await?;
        }
        Ok(())
    }
}

/// Why a task failed; none if it did not.
fn failure_of(task: &Task) -> Option<ItemFailure> {
    if task.state == TaskState::Succeeded {
        return None;
    }
    let told = task.result.clone().map(serde_json::from_value::<Failure>);
    Some(match told {
        Some(Ok(failure)) => {
            ItemFailure { text: failure.explain(task.claimed_by.as_deref()), kind: failure.code }
        }
        _ => given_up("The work was ended by another request."),
    })
}

fn given_up(text: &str) -> ItemFailure {
    ItemFailure { kind: "given_up".to_owned(), text: text.to_owned() }
}
