//! Accepting an operation.

use super::document::{NewBulk, Selection};
use super::read::{BulkReading, Caller};
use crate::actor::RequestContext;
use crate::commit::new_id;
use crate::control::Control;
use crate::error::ControlError;
use crate::nodes::NewNode;
use crate::policy::{Rule, Target};
use ferric_db::{Conflict, Conn, DbError, nodes, operations};
use ferric_model::operation::{ItemCounts, ItemState, Operation, OperationItem, OperationState};
use ferric_model::page::Page;
use serde_json::{Value, json};
use uuid::Uuid;

impl Control {
    /// Accepts an operation: which nodes it is about is decided here, once, among those that the caller sees. What the caller
    /// may do to each is decided when it is done.
    ///
    /// **Errors**: `Forbidden`, also for a node that the caller may not create; `Invalid` for more nodes than one operation
    /// may have, or more at once than may be.
    pub async fn start_bulk(
        &self,
        context: &RequestContext,
        new: &NewBulk,
    ) -> Result<BulkReading, ControlError> {
        self.authorize(context, Rule::BulkCreate, Target::NONE)?;
        let most = self.settings().bulk_max_parallel;
        let max_parallel = new.max_parallel.unwrap_or(most);
        if max_parallel > most {
            return Err(ControlError::Invalid(format!("max_parallel must not be more than {most}.")));
        }
        let items = self.items_of(context, &new.selection).await?;
        let now = self.now();
        let counts: ItemCounts = [(ItemState::Pending, items.len() as i64)].into_iter().collect();
        let empty = items.is_empty();
        let operation = Operation {
            id: 0,
            uuid: context.fresh_id(),
            generation: 0,
            kind: new.kind,
            state: if empty { OperationState::Succeeded } else { OperationState::Queued },
            max_parallel,
            failure_budget: new.failure_budget,
            params: new.params.clone(),
            owner: context.actor.project.clone().unwrap_or_default(),
            actor: json!(Caller { actor: context.actor.clone(), request_id: context.request_id.clone() }),
            total: items.len() as i64,
            lease_expires_at: None,
            created_at: now,
            finished_at: empty.then_some(now),
        };
        let operation =
            self.store()
                .write("start_bulk", async |conn: &mut Conn| {
                    let operation = operations::insert(conn, &operation).await?;
                    operations::insert_items(conn, operation.uuid, &items).await?;
                    Ok::<_, DbError>(operation)
                })
                .await
                .map_err(|error| match error {
                    DbError::Conflict { constraint: Conflict::OperationUuid } => ControlError::Conflict(
                        format!("An operation with UUID {} already exists.", operation.uuid),
                    ),
                    other => other.into(),
                })?;
        self.bulk_bell().ring(&[operation.uuid]);
        Ok(BulkReading { operation, counts })
    }

    async fn items_of(
        &self,
        context: &RequestContext,
        selection: &Selection,
    ) -> Result<Vec<OperationItem>, ControlError> {
        let most = self.settings().bulk_max_items;
        let subjects: Vec<(String, Value)> = match selection {
            Selection::Nodes(nodes) => nodes.iter().map(|node| (node.clone(), Value::Null)).collect(),
            Selection::Filter(filter) => {
                let filter = self.seen(context, filter)?;
                let page = Page { limit: most + 1, ..Page::default() };
                let list = async |conn: &mut Conn| nodes::list_keys(conn, &filter, &page).await;
                let found = self.store().read(list).await?;
                found.into_iter().map(|key| (key.uuid.to_string(), Value::Null)).collect()
            }
            Selection::Documents(documents) => documents
                .iter()
                .map(|document| {
                    let new = NewNode::parse(document)?;
                    self.authorize_new_node(context, new.get("owner").as_str())?;
                    let own = new.get("uuid").as_str().and_then(|text| Uuid::try_parse(text).ok());
                    Ok((own.unwrap_or_else(new_id).to_string(), document.clone()))
                })
                .collect::<Result<_, ControlError>>()?,
        };
        if i64::try_from(subjects.len()).is_ok_and(|count| count > most) {
            return Err(ControlError::Invalid(format!("One operation may have {most} nodes at most.")));
        }
        let item = |(position, (subject, document))| OperationItem::new(position, subject, document);
        Ok((0..).zip(subjects).map(item).collect())
    }
}
