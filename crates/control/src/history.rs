//! The history of a node: writing entries and reading them.

use crate::actor::RequestContext;
use crate::commit::new_id;
use crate::control::Control;
use crate::error::ControlError;
use crate::paging::unsortable;
use crate::policy::Rule;
use crate::task_read::node_ident;
use ferric_db::{Conn, history, inventory};
use ferric_model::history::{HistoryDetails, HistoryEntry, Severity};
use ferric_model::node::Node;
use ferric_model::page::Page;
use ferric_model::report::{Failure, Inventory};
use ferric_model::task::Task;
use time::OffsetDateTime;
use uuid::Uuid;

/// An entry about `node` as it was before the event; `after` is the node once the event has happened.
pub(crate) fn entry(
    before: &Node,
    after: &Node,
    task: Option<&Task>,
    severity: Severity,
    event: String,
    now: OffsetDateTime,
) -> HistoryEntry {
    HistoryEntry {
        uuid: new_id(),
        node_uuid: after.uuid,
        created_at: now,
        conductor: task.and_then(|task| task.claimed_by.clone()),
        event_type: event_type(before, task),
        severity,
        event,
        user: task.and_then(|task| task.user.clone()),
        project: task.and_then(|task| task.project.clone()),
        state: Some(after.state().as_str().to_owned()),
        target_provision_state: after.provision.target().map(|state| state.as_str().to_owned()),
        duration_seconds: before.provision_updated_at.map(|since| (now - since).whole_seconds().max(0)),
        details: HistoryDetails { task: task.map(|task| task.id), ..HistoryDetails::default() },
    }
}

/// An entry that explains a failure.
pub(crate) fn failure_entry(
    before: &Node,
    after: &Node,
    task: Option<&Task>,
    failure: &Failure,
    now: OffsetDateTime,
) -> HistoryEntry {
    let host = task.and_then(|task| task.claimed_by.as_deref());
    let mut entry = entry(before, after, task, Severity::Error, failure.explain(host), now);
    entry.details.code = Some(failure.code.clone());
    entry.details.step = failure.step.clone();
    entry.details.evidence = failure.evidence.clone();
    entry.details.advice = Some(failure.advice.clone());
    entry
}

/// The area of an event: the state the node worked in, or the action when the node rested.
fn event_type(before: &Node, task: Option<&Task>) -> String {
    match task {
        Some(task) if !before.state().is_unstable() => task.action.as_str().to_owned(),
        _ => before.state().as_str().to_owned(),
    }
}

impl Control {
    /// Lists the history of a node.
    ///
    /// **Errors**: `NotFound`, `Forbidden`.
    pub async fn list_history(
        &self,
        context: &RequestContext,
        ident: &str,
        page: &Page,
    ) -> Result<Vec<HistoryEntry>, ControlError> {
        let wanted = node_ident(ident);
        let list = async |conn: &mut Conn| history::list(conn, &wanted, page).await;
        let (entries, of) = self.store().read(list).await.map_err(unsortable)?;
        match of {
            Some(of) => self.authorize_of_node(context, ident, &of, Rule::NodeHistoryGet)?,
            None => drop(self.node_for(context, ident, Rule::NodeHistoryGet).await?),
        }
        Ok(entries)
    }

    /// Reads one entry.
    ///
    /// **Errors**: `NotFound`, `Forbidden`.
    pub async fn get_history(
        &self,
        context: &RequestContext,
        ident: &str,
        uuid: Uuid,
    ) -> Result<HistoryEntry, ControlError> {
        let wanted = node_ident(ident);
        let find = async |conn: &mut Conn| history::find(conn, &wanted, uuid).await;
        let Some((entry, of)) = self.store().read(find).await? else {
            self.node_for(context, ident, Rule::NodeHistoryGet).await?;
            let text = format!("Node history record {uuid} could not be found.");
            return Err(ControlError::NotFound(text));
        };
        self.authorize_of_node(context, ident, &of, Rule::NodeHistoryGet)?;
        Ok(entry)
    }

    /// Reads what inspection found.
    ///
    /// **Errors**: `NotFound`, `Forbidden`.
    pub async fn get_inventory(
        &self,
        context: &RequestContext,
        ident: &str,
    ) -> Result<Inventory, ControlError> {
        let wanted = node_ident(ident);
        let find = async |conn: &mut Conn| inventory::find(conn, &wanted).await;
        let found = self.store().read(find).await?;
        let (of, found) = found.ok_or_else(|| ControlError::node_not_found(ident))?;
        self.authorize_of_node(context, ident, &of, Rule::NodeInventoryGet)?;
        found.ok_or_else(|| {
            let text = format!("Node inventory record for node {ident} could not be found.");
            ControlError::NotFound(text)
        })
    }
}
