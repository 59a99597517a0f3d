//! Errands: tasks that another task waits for.
//!
//! Each is a task of its own, under the lock of its own node. It is begun before the report is written that asks for it, and once
//! only, however often that report comes; the end of the last one wakes the task that waits, and that looks by itself now and
//! then in case nobody could wake it.

use crate::actor::RequestContext;
use crate::begin::begin_task;
use crate::commit::Change;
use crate::control::Control;
use crate::error::ControlError;
use ferric_db::nodes::NodeFilter;
use ferric_db::{Conn, DbError, nodes, tasks};
use ferric_model::action::Action;
use ferric_model::errand::{ERRAND_TAG, Errand, ErrandState, Relatives};
use ferric_model::failure::code;
use ferric_model::node::Node;
use ferric_model::page::Page;
use ferric_model::report::Failure;
use ferric_model::task::{Task, TaskState};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use uuid::Uuid;

/// Most children of a node that are worked on for it.
const MOST_CHILDREN: i64 = 1000;

/// Whether the task waits for others.
pub(crate) fn awaits_errands(task: &Task) -> bool {
    task.progress.get("stage").and_then(Value::as_str) == Some("awaiting_errand")
}

/// How the tasks stand that `task` waits for; those of others are not looked for.
pub(crate) async fn errands_of(conn: &mut Conn, task: &Task) -> Result<Vec<ErrandState>, DbError> {
    if !awaits_errands(task) {
        return Ok(Vec::new());
    }
    let awaited = tasks::list_awaited(conn, task.id).await?;
    Ok(awaited.into_iter().map(state_of).collect())
}

fn children_of(node: Uuid) -> NodeFilter {
    NodeFilter { parent_node: Some(node.into()), include_children: true, ..NodeFilter::default() }
}

fn state_of(task: Task) -> ErrandState {
    let failure = task.result.filter(|_| task.state == TaskState::Failed);
    ErrandState {
        tag: tag_of(&task.params).to_owned(),
        node_uuid: task.node_uuid,
        state: task.state,
        failure: failure.and_then(|result| serde_json::from_value(result).ok()),
    }
}

fn tag_of(params: &Value) -> &str {
    params.get(ERRAND_TAG).and_then(Value::as_str).unwrap_or_default()
}

impl Control {
    /// Begins what `task` wants elsewhere, as far as it was not begun before. Where it cannot be begun, it has failed.
    pub(crate) async fn begin_errand(
        &self,
        task: &Task,
        node: &Node,
        errand: &Errand,
    ) -> Result<(), ControlError> {
        let begun = async |conn: &mut Conn| tasks::list_awaited(conn, task.id).await;
        let begun = self.store().read(begun).await.map_err(ControlError::Database)?;
        for relative in self.relatives(node, &errand.to).await? {
            let known =
                |other: &Task| other.node_uuid == relative.uuid && tag_of(&other.params) == errand.tag;
            if !errand.concerns(&relative) || begun.iter().any(known) {
                continue;
            }
            match self.begin_on_relative(task, &relative, errand).await {
                Ok(()) => {}
                Err(error @ (ControlError::Database(_) | ControlError::Internal(_))) => return Err(error),
                Err(error) => self.refuse_on_relative(task, &relative, errand, &error).await?,
            }
        }
        Ok(())
    }

    async fn begin_on_relative(
        &self,
        task: &Task,
        relative: &Node,
        errand: &Errand,
    ) -> Result<(), ControlError> {
        let conductors = self.live_conductors().await?;
        let context = context_of(task);
        self.decide(&relative.uuid.to_string(), |mut node, _| {
            let params = params_of(errand);
            let begun = begin_task(self, &conductors, &context, &mut node, errand.action, params)?;
            if let Some(power) = errand_power(errand) {
                node.target_power_state = Some(power);
            }
            let begin = Some(Task { awaited_by: Some(task.id), ..begun });
            Ok((Some(Change { begin, ..Change::of(node) }), ()))
        })
        .await
        .map(drop)
    }

    /// Notes that the errand could not even be begun.
    async fn refuse_on_relative(
        &self,
        task: &Task,
        relative: &Node,
        errand: &Errand,
        error: &ControlError,
    ) -> Result<(), ControlError> {
        let failure = Failure::new(
            code::RELATED_NODE_FAILED,
            errand.action.as_str().replace('_', " "),
            error.to_string(),
        )
        .advised("try again when the node is free and a conductor can work on it");
        let now = self.now();
        let mut free = Node { reservation: None, ..relative.clone() };
        let conductors = self.live_conductors().await?;
        let params = params_of(errand);
        let refused = begin_task(self, &conductors, &context_of(task), &mut free, errand.action, params);
        let Ok(refused) = refused else {
            return Err(ControlError::NoConductor(error.to_string()));
        };
        let begin = Task {
            awaited_by: Some(task.id),
            state: TaskState::Failed,
            result: Some(json!(failure)),
            finished_at: Some(now),
            ..refused
        };
        let change = Change { begin: Some(begin), write_node: false, ..Change::of(relative.clone()) };
        self.try_commit(change).await.map(drop)
    }

    pub(crate) async fn relatives(&self, node: &Node, to: &Relatives) -> Result<Vec<Node>, ControlError> {
        match to {
            Relatives::Parent => {
                let Some(parent) = node.parent_node else { return Ok(Vec::new()) };
                Ok(self.find_node(&parent.to_string()).await?.into_iter().collect())
            }
            Relatives::Children(only) => {
                let page = Page { limit: MOST_CHILDREN, ..Page::default() };
                let filter = children_of(node.uuid);
                let list = async |conn: &mut Conn| nodes::list(conn, &filter, &page).await;
                let mut children = self.store().read(list).await.map_err(ControlError::Database)?;
                children.retain(|child| {
                    let named =
                        |name: &String| *name == child.uuid.to_string() || child.name.as_ref() == Some(name);
                    only.is_empty() || only.iter().any(named)
                });
                Ok(children)
            }
        }
    }

    /// Wakes the task `id` if everything has ended that it waits for. Boxed, for what is woken is committed, and what is committed
    /// may wake.
    pub(crate) fn wake_when_over(&self, id: Uuid) -> BoxFuture<'_, Result<(), ControlError>> {
        async move {
            let read = async |conn: &mut Conn| {
                Ok::<_, DbError>((tasks::find(conn, id).await?, tasks::list_awaited(conn, id).await?))
            };
            let (task, awaited) = self.store().read(read).await.map_err(ControlError::Database)?;
            let over = awaited.iter().all(|task| task.state.is_final());
            if let Some(task) = task.filter(|task| over && task.resume_at.is_some()) {
                self.wake_parked(task).await?;
            }
            Ok(())
        }
        .boxed()
    }
}

/// Whoever asked for the task asked for its errands.
fn context_of(task: &Task) -> RequestContext {
    let mut context = RequestContext::system();
    context.actor.user.clone_from(&task.user);
    context.actor.project.clone_from(&task.project);
    context.request_id = task.request_id.clone().unwrap_or_default();
    context
}

fn params_of(errand: &Errand) -> Value {
    let mut params = errand.params.clone();
    if let Some(map) = params.as_object_mut() {
        map.insert(ERRAND_TAG.to_owned(), errand.tag.clone().into());
    }
    params
}

fn errand_power(errand: &Errand) -> Option<ferric_model::power::PowerState> {
    let power = (errand.action == Action::Power).then(|| errand.params.clone())?;
    let power: ferric_model::task::params::Power = serde_json::from_value(power).ok()?;
    Some(power.target.final_state())
}
