//! The history of a node: writing entries and reading them.

use crate::actor::RequestContext;
use crate::commit::new_id;
use crate::control::Control;
use crate::error::ControlError;
use crate::paging::unsortable;
use crate::policy::{Rule, Scope};
use crate::task_read::node_ident;
use ferric_db::fingerprints::{self, FingerprintFilter};
use ferric_db::{Conn, history, inventory};
use ferric_model::failure::{Correlation, FingerprintCount, correlate};
use ferric_model::history::{HistoryDetails, HistoryEntry, Severity};
use ferric_model::node::Node;
use ferric_model::page::Page;
use ferric_model::report::{Failure, Inventory};
use ferric_model::task::Task;
use time::OffsetDateTime;
use uuid::Uuid;

/// Most facts that are told of the nodes with a failure.
const MOST_CORRELATIONS: usize = 20;

/// Which entries of all nodes are listed; each field narrows the list.
#[derive(Debug, Clone, Default)]
pub struct HistoryQuery {
    /// Only failures of this fingerprint.
    pub fingerprint: Option<String>,
    /// Only entries that bad.
    pub severity: Option<Severity>,
    /// Only entries that are not older.
    pub since: Option<OffsetDateTime>,
}

/// Which fingerprints are listed.
#[derive(Debug, Clone)]
pub struct FingerprintQuery {
    /// Only what was seen since then.
    pub since: OffsetDateTime,
    /// The last one of the page before.
    pub marker: Option<String>,
    /// At most this many.
    pub limit: i64,
}

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
        fingerprint: None,
        exchange: None,
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
    entry(before, after, task, Severity::Error, failure.explain(host), now).explained_by(failure)
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

    /// Lists the history of all nodes, or of those that the caller's project owns.
    ///
    /// **Errors**: `Forbidden`.
    pub async fn list_all_history(
        &self,
        context: &RequestContext,
        query: &HistoryQuery,
        page: &Page,
    ) -> Result<Vec<HistoryEntry>, ControlError> {
        let filter = history::HistoryFilter {
            fingerprint: query.fingerprint.clone(),
            severity: query.severity,
            since: query.since,
            owner: self.history_scope(context)?,
        };
        let list = async |conn: &mut Conn| history::list_all(conn, &filter, page).await;
        self.store().read(list).await.map_err(unsortable)
    }

    /// Lists fingerprints of failures, the most frequent first: of all nodes, or of those that the caller's project owns.
    ///
    /// **Errors**: `Forbidden`.
    pub async fn list_fingerprints(
        &self,
        context: &RequestContext,
        query: &FingerprintQuery,
    ) -> Result<Vec<FingerprintCount>, ControlError> {
        let filter = FingerprintFilter {
            fingerprint: None,
            owner: self.history_scope(context)?,
            since: query.since,
            marker: query.marker.clone(),
            limit: query.limit,
        };
        let list = async |conn: &mut Conn| fingerprints::list(conn, &filter).await;
        self.store().read(list).await.map_err(ControlError::Database)
    }

    /// Reads a fingerprint, and what the nodes with it have in common, the surest first.
    ///
    /// **Errors**: `NotFound` when the caller may see no failure with it, `Forbidden`.
    pub async fn get_fingerprint(
        &self,
        context: &RequestContext,
        fingerprint: &str,
    ) -> Result<(FingerprintCount, Vec<Correlation>), ControlError> {
        let owner = self.history_scope(context)?;
        let filter = FingerprintFilter {
            fingerprint: Some(fingerprint.to_owned()),
            owner,
            since: OffsetDateTime::UNIX_EPOCH,
            marker: None,
            limit: 1,
        };
        let found = self
            .store()
            .read(async |conn: &mut Conn| {
                let Some(count) = fingerprints::list(conn, &filter).await?.pop() else { return Ok(None) };
                let cells = fingerprints::cells(conn, &count.fingerprint, filter.owner.as_deref()).await?;
                Ok(Some((count, correlate(&cells, MOST_CORRELATIONS))))
            })
            .await
            .map_err(ControlError::Database)?;
        found.ok_or_else(|| ControlError::NotFound(format!("Fingerprint {fingerprint} could not be found.")))
    }

    /// The project whose nodes the caller may see the history of; none for all.
    fn history_scope(&self, context: &RequestContext) -> Result<Option<String>, ControlError> {
        match self.scope(context, Rule::HistoryListAll, Rule::HistoryList)? {
            Scope::Everything => Ok(None),
            Scope::Project(own) => Ok(Some(own)),
        }
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
